"""Asking the divulgador again after 2 h, 24 h and 36 h: each once, however often and late this runs.

A follow-up goes into the outbox like any message, and the guardrails have it wait for the morning or the switch; once
the next one's turn has come, or the bridge has ended, it is not sent any more.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from handoff import bridge
from handoff.models import ExternalHandoff, HandoffMessage
from handoff.states import HandoffStatus
from handoff.steps import FOLLOWUPS, FollowUp, followup_due


def send_due(*, now: datetime) -> int:
    """Send each bridge the follow-up whose turn it is, each in a transaction of its own; answer how many are new."""
    contacted = ExternalHandoff.objects.filter(status=HandoffStatus.CONTACTED, starts_at__lte=now - FOLLOWUPS[0].due)
    turns = [(pk, followup_due(now - starts_at)) for pk, starts_at in contacted.values_list("pk", "starts_at")]
    sent = set(HandoffMessage.objects.filter(handoff__in=contacted).values_list("handoff_id", "step"))
    return sum(_send(pk, due, now=now) for pk, due in turns if due and (pk, due.step) not in sent)


@transaction.atomic(durable=True)
def _send(handoff_id: UUID, due: FollowUp, *, now: datetime) -> bool:
    return bridge.follow_up(handoff_id=handoff_id, due=due, now=now)
