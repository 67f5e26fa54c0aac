"""Everything a decision may depend on, frozen at one moment: a contact, its sender, the switches, the house rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from canary.flag_values import Flags
from outbound.circuit import Circuit
from outbound.guardrails.business_hours import BusinessHours
from outbound.guardrails.limits import Limit, Usage
from outbound.methods import ContactKind
from outbound.phones import EVERYBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The house rules, from the settings; they hold for every message alike."""

    in_production: bool
    allowlist: frozenset[str]
    business_hours: BusinessHours
    rate_limits: tuple[Limit, ...]
    contact_cap: Limit

    def lists(self, phone: str) -> bool:
        """Whether a number may be written to outside production."""
        return EVERYBODY in self.allowlist or phone in self.allowlist


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is true of one request at `now`; the usages count what may have left, nearest limit first or not."""

    now: datetime
    policy: Policy
    flags: Flags
    phone: str
    kind: ContactKind
    bucket: int
    opted_out_at: datetime | None
    cooling_off_until: datetime | None
    next_allowed_at: datetime | None
    has_inbound_proof: bool
    operator_is_known: bool
    contact_usage: tuple[Usage, ...]
    proactive_usage: Usage
    sender_usage: tuple[Usage, ...]
    sender_is_ready: bool
    circuit: Circuit
    probe_is_free: bool
    campaign_is_paused: bool = False

    def and_contact_written_to(self, *, times: int, proactively: int) -> Facts:
        """The facts for the next message to the same contact, once so many go out, `proactively` many of them."""
        if times == 0:
            return self
        usage = tuple(usage.and_more(times, self.now) for usage in self.contact_usage)
        return replace(self, contact_usage=usage, proactive_usage=self.proactive_usage.and_more(proactively, self.now))

    def and_sender_used(self, *, times: int) -> Facts:
        """The facts for the next message through the same sender, once so many go out: a probe is one at a time."""
        if times == 0:
            return self
        usage = tuple(usage.and_more(times, self.now) for usage in self.sender_usage)
        return replace(self, sender_usage=usage, probe_is_free=False)
