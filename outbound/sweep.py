"""The periodic look at the queue: what outlived its time fails as `expired`, and what is due gets a worker.

This is the net under the wake-ups: what was enqueued while Redis was down, and what was deferred until now, is found.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from canary import events
from canary.event_types import EventType
from outbound import due, rows, wakeup
from outbound.claims import EXPIRED
from outbound.message_events import StoredMessage, message_event

EXPIRE = (Path(__file__).parent / "queries" / "expire.sql").read_text(encoding="utf-8")


def sweep(*, now: datetime) -> int:
    """Expire, wake a worker where something is due, and answer how many messages expired."""
    expired = expire(now=now)
    if due.oldest(now=now) is not None:
        wakeup.wake()
    return expired


@transaction.atomic(durable=True)
def expire(*, now: datetime) -> int:
    """Fail what is past its `expires_at`, in a transaction of its own; answer how many."""
    with connection.cursor() as cursor:
        cursor.execute(EXPIRE, {"now": now})
        expired = [StoredMessage.from_row(row) for row in rows.as_dicts(cursor)]
    events.emit([message_event(EventType.OUTBOUND_BLOCKED, item, at=now, block_reason=EXPIRED) for item in expired])
    return len(expired)
