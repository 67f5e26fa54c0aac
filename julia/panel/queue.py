"""The queue as the panel shows it: what waits and why, for how long, what is in flight, and what nobody has proved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection

from outbound import due, heartbeats
from outbound.methods import Status
from outbound.metrics import LONGEST_QUEUE_AGE, LONGEST_SILENCE
from outbound.words import reason

# Beyond that nobody needs the number: it is shown as so many and more, and the panel stays as fast as ever.
MOST = 10_000
UNDER_WAY = (Path(__file__).parent / "queries" / "under_way.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """So many wait for a reason, in words."""

    code: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """As of one moment; `oldest` is how long the first due has waited, `silence` how long no worker has said a word.

    `waiting`, and with it the counts of what is held, goes up to `MOST`; whether there are more, `is_more` says.
    """

    waiting: int
    in_flight: int
    unknown: int
    oldest: timedelta | None
    silence: timedelta | None
    held: tuple[Held, ...]

    @property
    def is_more(self) -> bool:
        return self.waiting >= MOST

    @property
    def is_stuck(self) -> bool:
        return self.oldest is not None and self.oldest >= LONGEST_QUEUE_AGE

    @property
    def is_silent(self) -> bool:
        return self.silence is None or self.silence >= LONGEST_SILENCE


def look(*, now: datetime) -> Queue:
    """Look at the queue without reading what was sent."""
    with connection.cursor() as cursor:
        cursor.execute(UNDER_WAY, {"most": MOST})
        counts: list[tuple[str, str | None, int]] = cursor.fetchall()
    first_due_at = due.oldest(now=now)
    beat_at = heartbeats.last(name=heartbeats.WORKER)
    return Queue(
        waiting=_sum(counts, Status.QUEUED),
        in_flight=_sum(counts, Status.SENDING),
        unknown=_sum(counts, Status.UNKNOWN),
        oldest=now - first_due_at if first_due_at else None,
        silence=max(now - beat_at, timedelta()) if beat_at else None,
        held=tuple(
            Held(code=code, reason=reason(code), count=count)
            for status, code, count in counts
            if status == Status.QUEUED and code
        ),
    )


def _sum(counts: list[tuple[str, str | None, int]], status: Status) -> int:
    return sum(count for one, _reason, count in counts if one == status)
