"""How many events of each sort there ever were: numbers that only grow, as the counters of Prometheus must.

    tallies.read(now=now)   # [Tally(event_type="outbound_sent", method="campaign", …, total=1204), …]

Counting the record anew for each scrape would take seconds once it holds millions, and the numbers would fall with each
month that retention drops. A counter in the sends' own transactions would be one row that every worker waits for. So
what is older than `LAG` is added up once, in `event_tallies`, and a scrape counts only the minutes since.

Whatever process is asked, and however often it was restarted, the answer is one statement's over one snapshot of the
database. It never falls: what was counted live is committed, and is found again by whoever adds its time up. An event
that commits more than `LAG` after its own instant is missed, and never counted twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Min

from canary.models import BusinessEvent, TallyProgress
from canary.one_moment import one_moment

_QUERIES = Path(__file__).parent / "queries"
COUNTED = (_QUERIES / "tally_events.sql").read_text(encoding="utf-8")
ADD, READ = (
    (_QUERIES / f"{name}.sql").read_text(encoding="utf-8").format(counted=COUNTED)
    for name in ("add_to_tallies", "read_tallies")
)

# Longer than any transaction of ours lasts (30 s for a statement, 60 s idle), and than clocks are apart.
LAG = timedelta(minutes=10)
# Of a long past so much is added up in one transaction.
STEP = timedelta(days=1)
# Upper bounds of the classes of waits, in seconds: from what a queue that is drained takes to a night's rest.
WAITS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 600.0, 3600.0, 14400.0, 86400.0)

COLUMNS = ("event_type", "method", "reason", "outcome", "le", "total", "waited_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """So many events of one sort; `le` and `waited_ms` as in `EventTally`."""

    event_type: str
    method: str
    reason: str
    outcome: str
    le: float
    total: int
    waited_ms: int


@one_moment()
def read(*, now: datetime) -> list[Tally]:
    """Count all events there were, in a transaction of its own.

    It sees one moment only: else somebody might add up a time between our two looks, and it would count twice.
    """
    since = _counted_until() or _first_event_at() or now
    with connection.cursor() as cursor:
        # A clock ahead of ours is no reason to leave its events out.
        cursor.execute(READ, _parameters(since, max(now, since) + STEP))
        return [Tally(**dict(zip(COLUMNS, row, strict=True))) for row in cursor.fetchall()]


def advance(*, now: datetime) -> int:
    """Add up what is older than `LAG`, a day to a transaction; answer how many transactions it took."""
    steps = 0
    while _advance_once(now=now):
        steps += 1
    return steps


@transaction.atomic(durable=True)
def _advance_once(*, now: datetime) -> bool:
    start = _counted_until() or _first_event_at()
    if start is None:
        return False
    TallyProgress.objects.bulk_create([TallyProgress(counted_until=start)], ignore_conflicts=True)
    # Two who count at once do so one after the other, the second from where the first came to.
    since = TallyProgress.objects.select_for_update().get().counted_until
    until = min(now - LAG, since + STEP)
    if until <= since:
        return False
    with connection.cursor() as cursor:
        cursor.execute(ADD, _parameters(since, until))
    TallyProgress.objects.update(counted_until=until)
    return True


def _parameters(since: datetime, until: datetime) -> Mapping[str, Any]:
    return {"since": since, "until": until, "bounds": list(WAITS_S)}


def _counted_until() -> datetime | None:
    return TallyProgress.objects.values_list("counted_until", flat=True).first()


def _first_event_at() -> datetime | None:
    first: datetime | None = BusinessEvent.objects.aggregate(first=Min("ts"))["first"]
    return first
