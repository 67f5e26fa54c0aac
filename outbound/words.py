"""What the codes of a message's life are called on screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from outbound.methods import ActorType, Channel, Method, Status

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only

STATUSES: dict[str, _StrPromise] = {
    Status.QUEUED: _("waiting"),
    Status.SENDING: _("being sent"),
    Status.SENT: _("sent"),
    Status.FAILED: _("failed"),
    Status.BLOCKED: _("blocked"),
    Status.UNKNOWN: _("without proof"),
}

METHODS: dict[str, _StrPromise] = {
    Method.CAMPAIGN: _("campaign"),
    Method.FOLLOWUP: _("follow-up"),
    Method.REACTIVATION: _("reactivation"),
    Method.REPLY: _("reply"),
    Method.BUTTON: _("button"),
    Method.COMMAND: _("command"),
    Method.MANUAL: _("by hand"),
    Method.HANDOFF: _("bridge"),
}

CHANNELS: dict[str, _StrPromise | str] = {
    Channel.WHATSAPP: "WhatsApp",
    Channel.SLACK: "Slack",
    Channel.API: "API",
    Channel.JOB: _("a periodic job"),
}

ACTORS: dict[str, _StrPromise] = {
    ActorType.HUMAN: _("a person"),
    ActorType.BOT: _("Julia herself"),
    ActorType.SYSTEM: _("the system"),
}

# Of guardrails, provider and people alike: whatever a message's `reason` and an event's `block_reason` may hold.
REASONS: dict[str, _StrPromise] = {
    "julia_paused": _("Julia paused"),
    "campaigns_disabled": _("campaigns off"),
    "campaign_paused": _("campaign paused"),
    "campaign_cancelled": _("campaign cancelled"),
    "safe_mode": _("safe mode"),
    "external_handoff_disabled": _("bridge off"),
    "outside_canary": _("outside the canary"),
    "opted_out": _("opted out"),
    "opted_out_bypass_no_reason": _("opted out, bypass without reason"),
    "invalid_reply": _("reply without proof"),
    "cooling_off": _("cooling off"),
    "next_allowed_at": _("asked for later"),
    "contact_cap": _("contacted often enough"),
    "quiet_hours": _("outside business hours"),
    "rate_limited": _("limit of sends"),
    "circuit_open": _("circuit open"),
    "sender_stopped": _("number stopped"),
    "provider_error": _("provider error"),
    "timeout": _("provider timeout"),
    "lease_expired": _("worker gone"),
    "expired": _("expired"),
    "proved_absent": _("proved not to have left"),
    "dev_allowlist": _("not listed (test)"),
    "cancelled_by_person": _("cancelled by hand"),
    "requeued_by_person": _("queued again by hand"),
    "bridge_ended": _("bridge ended"),
}


def reason(code: str | None) -> str:
    """Name a reason; a code nobody named stands for itself."""
    return str(REASONS.get(code, code)) if code else ""
