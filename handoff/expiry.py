"""The end of a bridge by the clock: 48 h after it started, whatever the switches say."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from handoff import bridge
from handoff.models import ExternalHandoff
from handoff.states import Via


def expire_due(*, now: datetime) -> int:
    """Expire every bridge whose time is over, each in a transaction of its own; answer how many."""
    due = ExternalHandoff.objects.overdue(now).order_by("expires_at").values_list("pk", flat=True)
    return sum(_expire(handoff_id, now=now) for handoff_id in due)


@transaction.atomic(durable=True)
def _expire(handoff_id: UUID, *, now: datetime) -> bool:
    clock = bridge.CLOCK
    return bridge.expire(handoff_id=handoff_id, via=Via.CLOCK, actor=clock, reason=clock, now=now).is_new
