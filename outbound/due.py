"""What is due: whether a worker would find something to take, and how long the first of it has waited."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db import connection

from outbound.methods import Priority

OLDEST = (Path(__file__).parent / "queries" / "oldest_due.sql").read_text(encoding="utf-8")


def oldest(*, now: datetime) -> datetime | None:
    """Find when the first became due, through a sender that may send; None when nothing is due."""
    with connection.cursor() as cursor:
        cursor.execute(OLDEST, {"now": now, "priorities": [int(priority) for priority in Priority]})
        (found,) = cursor.fetchone()
    due_at: datetime | None = found
    return due_at
