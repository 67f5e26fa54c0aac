"""Drills: the playbook's exercises (go/no-go document, D2), really done on the running system.

A package above registers each with how to rehearse it:

    def kill_switch_julia(stage: Stage) -> None:
        with stage.turned(FlagKey.JULIA, {"enabled": False}):
            ...                                # whatever must stop, has stopped: stage.wait(...), or fail
        ...                                    # whatever must go on, goes on

How a switch was found is committed together with its turning, so it is put back whatever becomes of this process: at
the end of the `with`, when the drill is told to stop, and after kill -9 by the watch, once its lease has run out. What
somebody else said about the switch meanwhile stands: a drill switches nothing on that a person, or the system, wants
off, even where it was off already.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from canary import events, flags, incidents, personal_data
from canary.event_types import EventType
from canary.flag_values import FlagKey
from canary.incident_kinds import IncidentKind
from canary.models import Drill, FeatureFlag

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only

# Whoever runs a drill says so at least every few seconds; who has not for so long was cut off.
LEASE = timedelta(seconds=30)
RENEW_AFTER = timedelta(seconds=5)
LOOK_EVERY_S = 0.1

T = TypeVar("T")


class Step(StrEnum):
    """What a line of a drill's evidence says."""

    SWITCHED = "switched"
    QUEUED = "queued"
    STOPPED = "stopped"
    PASSED_THROUGH = "passed_through"
    NOTHING_LEFT = "nothing_left"
    PUT_BACK = "put_back"
    LEFT_ALONE = "left_alone"
    SENT = "sent"
    REFUSED = "refused"
    BYPASSED = "bypassed"
    FAILED = "failed"
    IMPOSSIBLE = "impossible"
    TAKEN_OVER = "taken_over"
    INTERRUPTED = "interrupted"
    CUT_OFF = "cut_off"


class DrillError(RuntimeError):
    """A drill did not pass; the message says why, to people."""


class DrillFailedError(DrillError):
    """Something did not stop, or did not go on: the playbook cannot be relied on."""


class DrillImpossibleError(DrillError):
    """Nothing was switched: as things stand, the drill could not tell what it is about."""


class TakenOverError(DrillError):
    """Somebody else said how the switch shall stand, or ended the drill: it proves nothing, and has let go."""


class ToldToStopError(DrillError):
    """The drill was told to stop, and has put back what it had turned."""


class DrillRunningError(DrillError):
    """Another drill is running: one at a time, as each would be taken for the other's effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A drill: `rehearse` does it, `clean_up` removes what it leaves, in the transaction that ends it."""

    name: str
    title: _StrPromise
    rehearse: Callable[[Stage], None]
    clean_up: Callable[[str, datetime], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a drill ended; `passed` is None when it proves nothing. `problem` is for people."""

    drill_id: int
    passed: bool | None
    problem: str = ""


OnStep = Callable[[Step, dict[str, Any]], None]
ShouldStop = Callable[[], bool]
_plans: dict[str, Plan] = {}


def register(plan: Plan) -> None:
    """Offer a drill."""
    _plans[plan.name] = plan


def registered() -> list[Plan]:
    """All drills, in the order of their registration."""
    return list(_plans.values())


def run(
    *, name: str, actor: str, clock: Callable[[], datetime], on_step: OnStep, should_stop: ShouldStop = lambda: False
) -> Outcome:
    """Run a drill on the live system; it takes transactions of its own, and returns when all is as it was.

    `on_step` hears of every step as it is done; `should_stop` is asked while the drill waits. What is neither a pass
    nor a failure ends with `passed` None in its row, and an exception.

    Raises:
        DrillImpossibleError: when it could prove nothing as things stand; nothing was switched.
        TakenOverError: when somebody turned the switch meanwhile; it stands as they want it.
        ToldToStopError: when `should_stop` said so; everything has been put back.
        DrillRunningError: when another one runs.
        KeyError: when there is no such drill.
        ValueError: when the actor is empty.
        PersonalDataError: when the actor looks like personal data.
    """
    plan = _plans[name]
    recover(now=clock())
    drill_id = _begin(plan, actor=actor, now=clock())
    stage = Stage(drill_id=drill_id, name=name, actor=actor, clock=clock, on_step=on_step, should_stop=should_stop)
    passed, problem, last = None, "", Step.INTERRUPTED
    try:
        plan.rehearse(stage)
        passed = True
    except DrillFailedError as error:
        passed, problem, last = False, str(error), Step.FAILED
    except DrillImpossibleError as error:
        problem, last = str(error), Step.IMPOSSIBLE
        raise
    except TakenOverError as error:
        problem, last = str(error), Step.TAKEN_OVER
        raise
    finally:
        if not passed:
            stage.note(last, **({"problem": problem} if problem else {}))
        _end(drill_id, plan, passed=passed, actor=actor, now=clock())
    return Outcome(drill_id=drill_id, passed=passed, problem=problem)


class Stage:
    """What a drill works with: its switch, its patience, its evidence."""

    def __init__(
        self,
        *,
        drill_id: int,
        name: str,
        actor: str,
        clock: Callable[[], datetime],
        on_step: OnStep,
        should_stop: ShouldStop,
    ) -> None:
        self.drill_id = drill_id
        self.name = name
        self.actor = actor
        self.clock = clock
        self._on_step = on_step
        self._should_stop = should_stop
        self._renewed_at = clock()

    @property
    def reason(self) -> str:
        """Why anything changes during this drill, for the histories."""
        return f"drill {self.drill_id} ({self.name})"

    def note(self, step: Step, **details: Any) -> None:
        """Add a line to the evidence, in a transaction of its own."""
        with transaction.atomic():
            drill = Drill.objects.select_for_update().filter(pk=self.drill_id).get()
            _write_down(drill, step, now=self.clock(), **details)
        self._on_step(step, details)

    @contextmanager
    def turned(self, key: FlagKey, fields: dict[str, Any]) -> Iterator[None]:
        """Turn a switch for as long as the block runs; one switch at a time.

        Raises:
            TakenOverError: at the end, when somebody else said how it shall stand: then it was left as it is.
        """
        self._turn(key, fields)
        try:
            yield
        finally:
            step = self._put_back()
        if step is not Step.PUT_BACK:
            raise TakenOverError(_("Somebody else turned this switch during the drill; it was left as it stands."))

    def wait(self, look: Callable[[], T], *, within: timedelta, problem: str) -> T:
        """Look again and again until the answer is truthy, and give it back.

        Raises:
            DrillFailedError: with the problem, when the time is over.
            TakenOverError: when this drill was held for cut off and ended, or its switch was turned by somebody else.
            ToldToStopError: when it was.
        """
        ends_at = self.clock() + within
        while not (answer := look()):
            self._keep_hold()
            if self.clock() >= ends_at:
                raise DrillFailedError(problem)
            select.select([], [], [], LOOK_EVERY_S)
        return answer

    @transaction.atomic(durable=True)
    def _turn(self, key: FlagKey, fields: dict[str, Any]) -> None:
        now = self.clock()
        drill = _held(self.drill_id)
        change = flags.switch(key=key, fields=fields, actor=self.actor, reason=self.reason, now=now)
        drill.evidence["turned"] = {
            "key": key,
            "found": change.before,
            "set": change.after,
            "at": now.isoformat(),
            "by": self.actor,
        }
        _write_down(drill, Step.SWITCHED, now=now, key=key, found=change.before, set=change.after)
        transaction.on_commit(lambda: self._on_step(Step.SWITCHED, {"key": key, "set": change.after}))

    @transaction.atomic(durable=True)
    def _put_back(self) -> Step:
        drill = _held(self.drill_id)
        step = _put_back(drill, actor=self.actor, reason=self.reason, now=self.clock())
        transaction.on_commit(lambda: self._on_step(step, {}))
        return step

    def _keep_hold(self) -> None:
        """Renew the lease when it is time, and see to it that the drill may go on, and its switch is still ours."""
        if self._should_stop():
            raise ToldToStopError(_("Interrupted; what was switched has been put back."))
        now = self.clock()
        turned = Drill.objects.values_list("evidence__turned", flat=True).get(pk=self.drill_id)
        if turned and not _is_ours(FeatureFlag.objects.get(key=turned["key"]), turned):
            raise TakenOverError(_("Somebody else turned this switch during the drill; it was left as it stands."))
        if now - self._renewed_at < RENEW_AFTER:
            return
        if not Drill.objects.filter(pk=self.drill_id, ended_at=None).update(lease_until=now + LEASE):
            raise TakenOverError(_("The drill was held for cut off, and ended."))
        self._renewed_at = now


def recover(*, now: datetime) -> int:
    """End the drills whose process did not come back, and put back what they had turned; answer how many.

    Each is a transaction of its own, and an incident (P2).
    """
    cut_off = Drill.objects.filter(ended_at=None, lease_until__lte=now).values_list("pk", flat=True)
    return sum(_recover(drill_id, now=now) for drill_id in list(cut_off))


@transaction.atomic(durable=True)
def _recover(drill_id: int, *, now: datetime) -> bool:
    drill = Drill.objects.select_for_update().filter(pk=drill_id, ended_at=None, lease_until__lte=now).first()
    if drill is None:
        return False  # its process came back, or another watch was here first
    reason = f"drill {drill.pk} ({drill.name}) was cut off"
    step = _put_back(drill, actor=incidents.SYSTEM, reason=reason, now=now) if "turned" in drill.evidence else None
    _write_down(drill, Step.CUT_OFF, now=now)
    if drill.name in _plans:
        _plans[drill.name].clean_up(reason, now)
    _close(drill, passed=None, actor=incidents.SYSTEM, now=now)
    incidents.report(
        kind=IncidentKind.DRILL_CUT_OFF,
        subject=drill.name,
        actor=incidents.SYSTEM,
        details={"drill_id": drill.pk, "switch": step},
        now=now,
    )
    return True


@transaction.atomic(durable=True)
def _begin(plan: Plan, *, actor: str, now: datetime) -> int:
    if not actor.strip():
        raise ValueError("A drill is run by somebody: actor must not be empty.")
    personal_data.refuse({"actor_id": actor})
    pct = flags.read().canary_pct
    try:
        with transaction.atomic():
            drill = Drill.objects.create(
                name=plan.name,
                pct=pct,
                started_at=now,
                actor=actor,
                evidence={"steps": []},
                lease_until=now + LEASE,
            )
    except IntegrityError as error:
        raise DrillRunningError(_("Another drill is running: one at a time.")) from error
    return drill.pk


@transaction.atomic(durable=True)
def _end(drill_id: int, plan: Plan, *, passed: bool | None, actor: str, now: datetime) -> None:
    drill = Drill.objects.select_for_update().filter(pk=drill_id, ended_at=None).first()
    if drill is None:
        return  # it was held for cut off, and ended by the watch
    if "turned" in drill.evidence:
        # Putting it back failed, say with the database away for a moment.
        _put_back(drill, actor=actor, reason=f"drill {drill_id} ({plan.name})", now=now)
    plan.clean_up(f"drill {drill_id} ({plan.name})", now)
    _close(drill, passed=passed, actor=actor, now=now)
    if passed is False:
        incidents.report(
            kind=IncidentKind.DRILL_FAILED,
            subject=plan.name,
            actor=incidents.SYSTEM,
            details={"drill_id": drill_id},
            now=now,
        )


def _close(drill: Drill, *, passed: bool | None, actor: str, now: datetime) -> None:
    drill.ended_at, drill.passed = max(now, drill.started_at), passed
    drill.save(update_fields=["ended_at", "passed"])
    outcome = {True: "passed", False: "failed", None: "inconclusive"}[passed]
    props = {"drill_id": drill.pk, "drill": drill.name, "pct": drill.pct, "outcome": outcome, "actor_id": actor}
    events.emit([events.Event(type=EventType.DRILL_RUN, at=now, source="canary", props=props)])


def _held(drill_id: int) -> Drill:
    drill = Drill.objects.select_for_update().filter(pk=drill_id, ended_at=None).first()
    if drill is None:
        raise TakenOverError(_("The drill was held for cut off, and ended."))
    return drill


def _put_back(drill: Drill, *, actor: str, reason: str, now: datetime) -> Step:
    """Put the drill's switch back as it was found, or leave it to whoever spoke last; the drill's row is locked."""
    turned = drill.evidence.pop("turned")
    flag = FeatureFlag.objects.select_for_update().get(key=turned["key"])
    if _is_ours(flag, turned):
        flags.switch(key=FlagKey(flag.key), fields=turned["found"], actor=actor, reason=f"{reason}: put back", now=now)
        step, details = Step.PUT_BACK, {"key": flag.key, "set": turned["found"]}
    else:
        step, details = Step.LEFT_ALONE, {"key": flag.key, "stands": flag.value, "by": flag.updated_by}
    _write_down(drill, step, now=now, **details)
    return step


def _is_ours(flag: FeatureFlag, turned: dict[str, Any]) -> bool:
    """Whether nobody said anything about the switch since the drill turned it."""
    return (flag.value, flag.updated_by, flag.updated_at) == (
        turned["set"],
        turned["by"],
        datetime.fromisoformat(turned["at"]),
    )


def _write_down(drill: Drill, step: Step, *, now: datetime, **details: Any) -> None:
    drill.evidence.setdefault("steps", []).append({"at": now.isoformat(), "what": step, **details})
    drill.save(update_fields=["evidence"])
