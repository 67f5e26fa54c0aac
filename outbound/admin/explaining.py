"""The guardrails' answer about one contact, in words: which rule would stop a message, and what would change that."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from outbound.guardrails.decision import Decision, Outcome, Reason
from outbound.guardrails.explain import explain
from outbound.guardrails.request import OutboundRequest
from outbound.guardrails.wording import MEANINGS, OUTCOMES, REMEDIES
from outbound.methods import Method
from outbound.words import reason


def context(contact_id: UUID, *, method: Method, now: datetime) -> dict[str, Any]:
    """Explain what would happen to a message to this contact, for a template."""
    explanation = explain(OutboundRequest(cliente_id=contact_id, method=method), now=now)
    return {
        "is_allowed": explanation.decision.is_allowed,
        "outcome": OUTCOMES[explanation.decision.outcome],
        "until": _until(explanation.decision),
        "objections": [_row(objection, objection.reason) for objection in explanation.objections if objection.reason],
    }


def _row(objection: Decision, rule: Reason) -> dict[str, Any]:
    return {
        "rule": reason(rule),
        "effect": OUTCOMES[objection.outcome],
        "until": _until(objection),
        "why": MEANINGS[rule],
        "remedy": REMEDIES[rule],
    }


def _until(decision: Decision) -> str:
    if decision.until:
        return date_format(localtime(decision.until), "D d/m H:i")
    return _("until released") if decision.outcome is Outcome.DEFER else ""
