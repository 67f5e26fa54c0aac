"""Answers why a message would not go out now, without sending: every rule that stands in its way, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from outbound.guardrails import facts
from outbound.guardrails.decision import Decision
from outbound.guardrails.request import OutboundRequest
from outbound.guardrails.rules import decide, objections


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The decision as it would fall now, and all objections in the order of the rules, not only the first."""

    decision: Decision
    objections: list[Decision]


def explain(request: OutboundRequest, *, now: datetime) -> Explanation:
    """Explain what would happen to a message now.

    Raises:
        UnknownContactError: when the contact does not exist.
    """
    (snapshot,) = facts.load([request], now=now)
    return Explanation(decision=decide(request, snapshot), objections=objections(request, snapshot))
