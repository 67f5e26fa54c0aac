"""What the guardrails answer: allow, block for good, or defer until an instant or until somebody releases it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why a message does not go out now, as `block_reason` in events and `reason` in its row."""

    JULIA_PAUSED = "julia_paused"
    DEV_ALLOWLIST = "dev_allowlist"
    INVALID_REPLY = "invalid_reply"
    OPTED_OUT = "opted_out"
    OPTED_OUT_BYPASS_NO_REASON = "opted_out_bypass_no_reason"
    COOLING_OFF = "cooling_off"
    CAMPAIGNS_DISABLED = "campaigns_disabled"
    CAMPAIGN_PAUSED = "campaign_paused"
    EXTERNAL_HANDOFF_DISABLED = "external_handoff_disabled"
    SAFE_MODE = "safe_mode"
    OUTSIDE_CANARY = "outside_canary"
    QUIET_HOURS = "quiet_hours"
    NEXT_ALLOWED_AT = "next_allowed_at"
    CONTACT_CAP = "contact_cap"
    RATE_LIMITED = "rate_limited"
    CIRCUIT_OPEN = "circuit_open"
    SENDER_STOPPED = "sender_stopped"


class Outcome(StrEnum):
    ALLOW = "allow"
    BLOCK = "block"
    DEFER = "defer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One answer. A deferral without `until` is held: a switch, or a growing percentage, releases it.

    `bypassed` are the rules that would have stopped the message had not a known operator given a reason.
    """

    outcome: Outcome
    reason: Reason | None = None
    until: datetime | None = None
    details: Mapping[str, str | int] = field(default_factory=dict)
    bypassed: tuple[Reason, ...] = ()

    @property
    def is_allowed(self) -> bool:
        return self.outcome is Outcome.ALLOW


def block(reason: Reason, **details: str | int) -> Decision:
    """Refuse for good."""
    return Decision(outcome=Outcome.BLOCK, reason=reason, details=details)


def defer(reason: Reason, *, until: datetime | None = None, **details: str | int) -> Decision:
    """Not now: `until` an instant, or until released where there is none."""
    return Decision(outcome=Outcome.DEFER, reason=reason, until=until, details=details)
