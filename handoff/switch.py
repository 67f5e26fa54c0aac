"""`toggle_ponte_externa`: Slack, the admin and the terminal all call these.

Off: no new bridges, follow-ups wait; confirming and expiring go on. The percentage is of doctors, by their bucket.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from canary import flags
from canary.flag_values import ALL_PERCENT, FlagKey
from handoff.models import ExternalHandoff
from outbound import killswitch
from outbound.killswitch import Switch
from outbound.methods import Method, Status
from outbound.models import OutboundMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchStatus:
    """How the bridge is switched: `pct` (0 to 100) of doctors; how many bridges are open and messages wait."""

    is_on: bool
    pct: int
    changed: bool
    open_bridges: int
    waiting: int


@transaction.atomic(durable=True)
def turn_on(*, pct: int = ALL_PERCENT, actor: str, reason: str, now: datetime, seen: int | None = None) -> SwitchStatus:
    """Let `pct` percent of doctors open bridges, in a transaction of its own; what waited for the switch goes out.

    `seen` is the id of the switch's last change that the actor knew of (0: of none).

    Raises:
        ChangedMeanwhileError: when somebody changed it after what was seen.
        ValueError: when the percentage is not from 0 to 100, or the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    if not 0 <= pct <= ALL_PERCENT:
        raise ValueError("A percentage is from 0 to 100.")
    if seen is not None:
        killswitch.refuse_if_changed_since(seen, Switch.EXTERNAL_HANDOFF)
    return _turn({"enabled": True, "canary_pct": pct}, actor=actor, reason=reason, now=now)


@transaction.atomic(durable=True)
def turn_off(*, actor: str, reason: str, now: datetime) -> SwitchStatus:
    """Open no more bridges and have follow-ups wait, in a transaction of its own; the percentage stays.

    Raises:
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    return _turn({"enabled": False}, actor=actor, reason=reason, now=now)


def status() -> SwitchStatus:
    """Tell how the bridge is switched."""
    return _status(changed=False)


def _turn(fields: dict[str, bool | int], *, actor: str, reason: str, now: datetime) -> SwitchStatus:
    change = flags.switch(key=FlagKey.EXTERNAL_HANDOFF, fields=fields, actor=actor, reason=reason, now=now)
    return _status(changed=change.before != change.after)


def _status(*, changed: bool) -> SwitchStatus:
    current = flags.read()
    return SwitchStatus(
        is_on=current.handoff_enabled,
        pct=current.handoff_pct,
        changed=changed,
        open_bridges=ExternalHandoff.objects.undecided().count(),
        waiting=OutboundMessage.objects.filter(status=Status.QUEUED, method=Method.HANDOFF).count(),
    )
