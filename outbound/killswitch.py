"""The kill switches: Slack, the admin and the terminal all call `turn`, and `pausar_julia` is one of its names.

A switch that is committed is obeyed: every claim reads the switches under a lock that the change waits for, so what is
not yet `sending` when `turn` returns will not be sent. What was in flight at that moment is counted in the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.db import connection, transaction

from canary import flags
from canary.flag_values import FlagKey
from canary.models import FeatureFlag, FeatureFlagChange
from outbound import rows

UNDER_WAY = (Path(__file__).parent / "queries" / "under_way.sql").read_text(encoding="utf-8")


class Switch(StrEnum):
    """What can be switched; on means that Julia, the campaigns, the bridge or the safe mode is on."""

    JULIA = "julia"
    CAMPAIGNS = "campaigns"
    EXTERNAL_HANDOFF = "external_handoff"
    SAFE_MODE = "safe_mode"


# Where nothing leaves that could wait: to get there is never refused.
SAFE_POSITIONS = {
    Switch.JULIA: False,
    Switch.CAMPAIGNS: False,
    Switch.EXTERNAL_HANDOFF: False,
    Switch.SAFE_MODE: True,
}


class ChangedMeanwhileError(RuntimeError):
    """Somebody else turned the switch after it had been looked at; `change` says who, when and why."""

    def __init__(self, change: FeatureFlagChange) -> None:
        super().__init__(f"{change.key} was changed meanwhile, by {change.actor}.")
        self.change = change


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchReport:
    """How a switch stands; `in_flight` requests may still reach the provider, `waiting` messages stay queued."""

    switch: Switch
    is_on: bool
    changed: bool
    in_flight: int
    waiting: int


@transaction.atomic(durable=True)
def turn(*, switch: Switch, on: bool, actor: str, reason: str, now: datetime, seen: int | None = None) -> SwitchReport:
    """Turn a switch on or off, in a transaction of its own; turning it to where it stands changes nothing.

    `seen` is the id of the last change that the actor knew of (0: of none): who lets something go on does so knowing
    why it was stopped. Whoever stops something is never refused.

    Raises:
        ChangedMeanwhileError: when somebody turned it after what was seen, and this would let something go on.
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    if seen is not None and on is not SAFE_POSITIONS[switch]:
        refuse_if_changed_since(seen, switch)
    change = flags.switch(key=FlagKey(switch), fields={"enabled": on}, actor=actor, reason=reason, now=now)
    return _report(switch, is_on=on, changed=change.before != change.after)


def refuse_if_changed_since(seen: int, switch: Switch) -> None:
    """Refuse to go by what is no longer so, and keep it as it is until the caller's transaction ends.

    Raises:
        ChangedMeanwhileError: when the last change is not the one with the id `seen` (0: none).
    """
    FeatureFlag.objects.select_for_update().get(key=switch)
    last = flags.last_change(FlagKey(switch))
    if last is not None and last.pk != seen:
        raise ChangedMeanwhileError(last)


def status(*, switch: Switch) -> SwitchReport:
    """Tell how a switch stands, and what is in flight and waiting."""
    current = flags.read()
    is_on = {
        Switch.JULIA: current.julia_enabled,
        Switch.CAMPAIGNS: current.campaigns_enabled,
        Switch.EXTERNAL_HANDOFF: current.handoff_enabled,
        Switch.SAFE_MODE: current.safe_mode,
    }
    return _report(switch, is_on=is_on[switch], changed=False)


def _report(switch: Switch, *, is_on: bool, changed: bool) -> SwitchReport:
    with connection.cursor() as cursor:
        cursor.execute(UNDER_WAY)
        (counts,) = rows.as_dicts(cursor)
    return SwitchReport(switch=switch, is_on=is_on, changed=changed, **counts)
