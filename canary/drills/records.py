"""The rows of drills: begun, held by a lease, written down in, closed; and what they turned, put back.

Everything here is inside the caller's transaction, which holds the row's lock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canary import events, flags
from canary.drills.steps import DrillRunningError, Step, TakenOverError
from canary.event_types import EventType
from canary.flag_values import FlagKey
from canary.models import Drill, FeatureFlag

# Whoever runs a drill says so at least every few seconds; who has not for so long was cut off.
LEASE = timedelta(seconds=30)


def begin(*, name: str, actor: str, now: datetime) -> Drill:
    """Open a drill, which is the only one until it is closed.

    Raises:
        DrillRunningError: when another one is open.
    """
    try:
        with transaction.atomic():
            return Drill.objects.create(
                name=name,
                pct=flags.read().canary_pct,
                started_at=now,
                actor=actor,
                evidence={"steps": []},
                lease_until=now + LEASE,
            )
    except IntegrityError as error:
        raise DrillRunningError(_("Another drill is running: one at a time.")) from error


def held(drill_id: int) -> Drill:
    """Lock a drill that goes on.

    Raises:
        TakenOverError: when the watch held it for cut off, and ended it.
    """
    drill = Drill.objects.select_for_update().filter(pk=drill_id, ended_at=None).first()
    if drill is None:
        raise TakenOverError(_("The drill was held for cut off, and ended."))
    return drill


def put_back(drill: Drill, *, actor: str, reason: str, now: datetime) -> Step:
    """Put the drill's switch back as it was found, or leave it to whoever spoke last.

    As it was found means since when and by whom, too: a drill says nothing about how the switch shall stand. That it
    took place stands in the switch's history.
    """
    turned = drill.evidence.pop("turned")
    flag = FeatureFlag.objects.select_for_update().get(key=turned["key"])
    if is_ours(flag, turned):
        flags.switch(key=FlagKey(flag.key), fields=turned["found"], actor=actor, reason=f"{reason}: put back", now=now)
        FeatureFlag.objects.filter(pk=flag.pk).update(
            updated_by=turned["found_by"], updated_at=datetime.fromisoformat(turned["found_at"])
        )
        step, details = Step.PUT_BACK, {"key": flag.key, "set": turned["found"]}
    else:
        step, details = Step.LEFT_ALONE, {"key": flag.key, "stands": flag.value, "by": flag.updated_by}
    write_down(drill, step, now=now, **details)
    return step


def is_ours(flag: FeatureFlag, turned: dict[str, Any]) -> bool:
    """Whether nobody said anything about the switch since the drill turned it."""
    return (flag.value, flag.updated_by, flag.updated_at) == (
        turned["set"],
        turned["by"],
        datetime.fromisoformat(turned["at"]),
    )


def write_down(drill: Drill, step: Step, *, now: datetime, **details: Any) -> None:
    """Add a line to the evidence."""
    drill.evidence.setdefault("steps", []).append({"at": now.isoformat(), "what": step, **details})
    drill.save(update_fields=["evidence"])


def close(drill: Drill, *, passed: bool | None, actor: str, now: datetime) -> None:
    """End a drill; `passed` is None when it proves nothing."""
    drill.ended_at, drill.passed = max(now, drill.started_at), passed
    drill.save(update_fields=["ended_at", "passed"])
    outcome = {True: "passed", False: "failed", None: "inconclusive"}[passed]
    props = {"drill_id": drill.pk, "drill": drill.name, "pct": drill.pct, "outcome": outcome, "actor_id": actor}
    events.emit([events.Event(type=EventType.DRILL_RUN, at=now, source="canary", props=props)])
