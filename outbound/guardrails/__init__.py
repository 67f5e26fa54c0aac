"""The guardrails: the one place that decides whether a message may go out.

    decision, = check_outbound_guardrails([OutboundRequest(cliente_id=doctor.id, method=Method.CAMPAIGN)], now=now)
    decision.outcome   # Outcome.DEFER
    decision.reason    # Reason.QUIET_HOURS
    decision.until     # Monday, 08:00 in São Paulo

The core is pure: `rules.decide(request, facts)` over a frozen snapshot (`snapshot.Facts`) that one query loads for a
whole batch. Asking changes nothing and sends nothing: what a decision does is up to `outbound.claims`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from outbound.guardrails import facts
from outbound.guardrails.decision import Decision, Outcome, Reason
from outbound.guardrails.request import OutboundRequest
from outbound.guardrails.rules import decide

__all__ = ["Decision", "OutboundRequest", "Outcome", "Reason", "check_outbound_guardrails"]


def check_outbound_guardrails(requests: Sequence[OutboundRequest], *, now: datetime) -> list[Decision]:
    """Decide for each request as if it were the only one, from one query's facts; the answers keep the order.

    Raises:
        UnknownContactError: when a request names a contact that does not exist.
    """
    loaded = facts.load(requests, now=now)
    return [decide(request, snapshot) for request, snapshot in zip(requests, loaded, strict=True)]
