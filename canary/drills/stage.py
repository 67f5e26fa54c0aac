"""What a drill works with while it runs."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from canary import flags
from canary.drills import records
from canary.drills.steps import DrillFailedError, DrillImpossibleError, Step, TakenOverError, ToldToStopError
from canary.flag_values import FlagKey, Flags
from canary.flags import FlagChange
from canary.models import Drill, FeatureFlag

RENEW_AFTER = timedelta(seconds=5)
LOOK_EVERY_S = 0.1

OnStep = Callable[[Step, dict[str, Any]], None]
ShouldStop = Callable[[], bool]
T = TypeVar("T")


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
            records.write_down(drill, step, now=self.clock(), **details)
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
        drill = records.held(self.drill_id)
        found = FeatureFlag.objects.select_for_update().get(key=key)
        change = flags.switch(key=key, fields=fields, actor=self.actor, reason=self.reason, now=now)
        if not _stops_something(change):
            # Somebody was here between the drill's look at the guardrails and this.
            raise DrillImpossibleError(_("The switch stands so already: there is nothing to turn."))
        drill.evidence["turned"] = {
            "key": key,
            "found": change.before,
            "found_by": found.updated_by,
            "found_at": found.updated_at.isoformat(),
            "set": change.after,
            "at": now.isoformat(),
            "by": self.actor,
        }
        records.write_down(drill, Step.SWITCHED, now=now, key=key, found=change.before, set=change.after)
        transaction.on_commit(lambda: self._on_step(Step.SWITCHED, {"key": key, "set": change.after}))

    @transaction.atomic(durable=True)
    def _put_back(self) -> Step:
        drill = records.held(self.drill_id)
        step = records.put_back(drill, actor=self.actor, reason=self.reason, now=self.clock())
        transaction.on_commit(lambda: self._on_step(step, {}))
        return step

    def _keep_hold(self) -> None:
        """Renew the lease when it is time, and see to it that the drill may go on, and its switch is still ours."""
        if self._should_stop():
            raise ToldToStopError(_("Interrupted; what was switched has been put back."))
        now = self.clock()
        turned = Drill.objects.values_list("evidence__turned", flat=True).get(pk=self.drill_id)
        if turned and not records.is_ours(FeatureFlag.objects.get(key=turned["key"]), turned):
            raise TakenOverError(_("Somebody else turned this switch during the drill; it was left as it stands."))
        if now - self._renewed_at < RENEW_AFTER:
            return
        if not Drill.objects.filter(pk=self.drill_id, ended_at=None).update(lease_until=now + records.LEASE):
            raise TakenOverError(_("The drill was held for cut off, and ended."))
        self._renewed_at = now


def _stops_something(change: FlagChange) -> bool:
    before, after = (Flags.parse({change.key: value}) for value in (change.before, change.after))
    return change.before != change.after and after.canary_pct <= before.canary_pct
