"""The kill switches: Slack, the admin and the terminal all call `turn`, and `pausar_julia` is one of its names.

A switch that is committed is obeyed: every claim reads the switches under a lock that the change waits for, so what is
not yet `sending` when `turn` returns will not be sent. What was in flight at that moment is counted in the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Count, Q

from canary import flags
from canary.flag_values import FlagKey
from outbound.methods import Status
from outbound.models import OutboundMessage


class Switch(StrEnum):
    """What can be switched; on means that Julia, the campaigns, the bridge or the safe mode is on."""

    JULIA = "julia"
    CAMPAIGNS = "campaigns"
    EXTERNAL_HANDOFF = "external_handoff"
    SAFE_MODE = "safe_mode"


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchReport:
    """How a switch stands; `in_flight` requests may still reach the provider, `waiting` messages stay queued."""

    switch: Switch
    is_on: bool
    changed: bool
    in_flight: int
    waiting: int


@transaction.atomic(durable=True)
def turn(*, switch: Switch, on: bool, actor: str, reason: str, now: datetime) -> SwitchReport:
    """Turn a switch on or off, in a transaction of its own; turning it to where it stands changes nothing.

    Raises:
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    change = flags.switch(key=FlagKey(switch), fields={"enabled": on}, actor=actor, reason=reason, now=now)
    return _report(switch, is_on=on, changed=change.before != change.after)


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
    counts = OutboundMessage.objects.filter(status__in=[Status.SENDING, Status.QUEUED]).aggregate(
        in_flight=Count("pk", filter=Q(status=Status.SENDING)), waiting=Count("pk", filter=Q(status=Status.QUEUED))
    )
    return SwitchReport(switch=switch, is_on=is_on, changed=changed, **counts)
