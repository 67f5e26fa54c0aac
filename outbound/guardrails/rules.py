"""The rules, one small function each, in the one order that counts (DESIGN.md, Guardrails).

A rule answers a `Decision` when it stops the message, and None when it has nothing against it. `decide` takes the first
that stops it; a known operator's bypass steps over the bypassable ones, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from outbound.guardrails.decision import Decision, Outcome, Reason, block, defer
from outbound.guardrails.limits import Usage
from outbound.guardrails.request import OutboundRequest
from outbound.guardrails.snapshot import Facts
from outbound.methods import ContactKind, Method

# A probe in flight tells within one request's longest time whether the sender is back.
PROBE_PATIENCE = timedelta(seconds=35)

Check = Callable[[OutboundRequest, Facts], Decision | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One row of the rule table; `is_bypassable` by a human in Slack with a reason."""

    check: Check
    is_bypassable: bool = False


def julia_paused(_request: OutboundRequest, facts: Facts) -> Decision | None:
    return None if facts.flags.julia_enabled else defer(Reason.JULIA_PAUSED)


def dev_allowlist(_request: OutboundRequest, facts: Facts) -> Decision | None:
    may_go = facts.policy.in_production or facts.policy.lists(facts.phone)
    return None if may_go else block(Reason.DEV_ALLOWLIST)


def invalid_reply(request: OutboundRequest, facts: Facts) -> Decision | None:
    is_invalid = request.method is Method.REPLY and not facts.has_inbound_proof
    return block(Reason.INVALID_REPLY) if is_invalid else None


def opted_out(request: OutboundRequest, facts: Facts) -> Decision | None:
    is_valid_reply = request.method is Method.REPLY and facts.has_inbound_proof
    if facts.opted_out_at is None or is_valid_reply:
        return None
    if request.comes_from_a_human_in_slack and not request.bypass_reason:
        return block(Reason.OPTED_OUT_BYPASS_NO_REASON)
    return block(Reason.OPTED_OUT)


def cooling_off(request: OutboundRequest, facts: Facts) -> Decision | None:
    is_cooling = facts.cooling_off_until is not None and facts.now < facts.cooling_off_until
    return block(Reason.COOLING_OFF) if request.is_proactive and is_cooling else None


def campaigns_disabled(request: OutboundRequest, facts: Facts) -> Decision | None:
    is_stopped = request.is_proactive and not facts.flags.campaigns_enabled
    return defer(Reason.CAMPAIGNS_DISABLED) if is_stopped else None


def campaign_paused(_request: OutboundRequest, facts: Facts) -> Decision | None:
    return defer(Reason.CAMPAIGN_PAUSED) if facts.campaign_is_paused else None


def external_handoff_disabled(request: OutboundRequest, facts: Facts) -> Decision | None:
    is_stopped = request.method is Method.HANDOFF and not facts.flags.handoff_enabled
    return defer(Reason.EXTERNAL_HANDOFF_DISABLED) if is_stopped else None


def safe_mode(request: OutboundRequest, facts: Facts) -> Decision | None:
    return defer(Reason.SAFE_MODE) if request.is_proactive and facts.flags.safe_mode else None


def outside_canary(request: OutboundRequest, facts: Facts) -> Decision | None:
    is_outside = request.is_proactive and facts.bucket >= facts.flags.canary_pct
    return defer(Reason.OUTSIDE_CANARY, bucket=facts.bucket, pct=facts.flags.canary_pct) if is_outside else None


def quiet_hours(request: OutboundRequest, facts: Facts) -> Decision | None:
    keeps_hours = request.is_proactive or facts.kind is ContactKind.DIVULGADOR
    hours = facts.policy.business_hours
    if not keeps_hours or hours.is_open(facts.now):
        return None
    return defer(Reason.QUIET_HOURS, until=hours.next_opening(facts.now))


def next_allowed_at(request: OutboundRequest, facts: Facts) -> Decision | None:
    is_early = facts.next_allowed_at is not None and facts.now < facts.next_allowed_at
    return defer(Reason.NEXT_ALLOWED_AT, until=facts.next_allowed_at) if request.is_proactive and is_early else None


def contact_cap(request: OutboundRequest, facts: Facts) -> Decision | None:
    usage = facts.proactive_usage
    if not request.is_proactive or not usage.is_full:
        return None
    return defer(Reason.CONTACT_CAP, until=usage.frees_at(facts.now), cap=usage.limit.count)


def contact_rate(_request: OutboundRequest, facts: Facts) -> Decision | None:
    return _rate_limited(facts.contact_usage, facts, phone="contact")


def sender_rate(_request: OutboundRequest, facts: Facts) -> Decision | None:
    return _rate_limited(facts.sender_usage, facts, phone="sender")


def sender_stopped(_request: OutboundRequest, facts: Facts) -> Decision | None:
    return None if facts.sender_is_ready else defer(Reason.SENDER_STOPPED)


def circuit_open(_request: OutboundRequest, facts: Facts) -> Decision | None:
    if facts.circuit.is_open(facts.now):
        return defer(Reason.CIRCUIT_OPEN, until=facts.circuit.open_until)
    is_waiting_for_probe = facts.circuit.is_tripped and not facts.probe_is_free
    return defer(Reason.CIRCUIT_OPEN, until=facts.now + PROBE_PATIENCE) if is_waiting_for_probe else None


def _rate_limited(usages: Iterable[Usage], facts: Facts, *, phone: str) -> Decision | None:
    full = [usage for usage in usages if usage.is_full]
    if not full:
        return None
    # Every full window must free; the last to do so says when.
    last = max(full, key=lambda usage: usage.frees_at(facts.now))
    return defer(Reason.RATE_LIMITED, until=last.frees_at(facts.now), phone=phone, limit=last.limit.count)


RULES: tuple[Rule, ...] = (
    Rule(check=julia_paused),
    Rule(check=dev_allowlist),
    Rule(check=invalid_reply),
    Rule(check=opted_out, is_bypassable=True),
    Rule(check=cooling_off, is_bypassable=True),
    Rule(check=campaigns_disabled),
    Rule(check=campaign_paused),
    Rule(check=external_handoff_disabled),
    Rule(check=safe_mode),
    Rule(check=outside_canary),
    Rule(check=quiet_hours),
    Rule(check=next_allowed_at, is_bypassable=True),
    Rule(check=contact_cap, is_bypassable=True),
    Rule(check=contact_rate),
    Rule(check=sender_rate),
    Rule(check=sender_stopped),
    Rule(check=circuit_open),
)


def decide(request: OutboundRequest, facts: Facts) -> Decision:
    """Answer for one message: the first rule that stops it, or an allowance that names what was bypassed on the way."""
    may_bypass = _may_bypass(request, facts)
    bypassed: list[Reason] = []
    for rule in RULES:
        verdict = rule.check(request, facts)
        if verdict is None:
            continue
        if not (rule.is_bypassable and may_bypass and verdict.reason):
            return verdict
        bypassed.append(verdict.reason)
    return Decision(outcome=Outcome.ALLOW, bypassed=tuple(bypassed))


def objections(request: OutboundRequest, facts: Facts) -> list[Decision]:
    """Everything that stands in the message's way, in the order of the rules, bypassable or not."""
    verdicts = (rule.check(request, facts) for rule in RULES)
    return [verdict for verdict in verdicts if verdict is not None]


def _may_bypass(request: OutboundRequest, facts: Facts) -> bool:
    return request.comes_from_a_human_in_slack and bool(request.bypass_reason) and facts.operator_is_known
