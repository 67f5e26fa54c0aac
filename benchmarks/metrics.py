"""How long one scrape of `/metrics` takes on five million events, and adding them up.

    python -m benchmarks.metrics

The events, over 60 days, and the messages they tell of are those of `benchmarks.health`; a queue of 100,000 waits
beside them. Each part is read as a scrape does, the median of five.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from benchmarks import rig
from benchmarks.health import CONTACTS, FILL, SENDERS, make_past_months

ROOT = rig.ROOT.with_name("bench-metrics")
RUNS = 5
QUEUED = 100_000
QUEUE = """
    INSERT INTO outbound_messages (
        dedupe_key, dedupe_until, cliente_id, sender_id, method, channel, actor_type, text, priority, status, reason,
        created_at, due_at
    )
    SELECT gen_random_uuid(), now(), c.ids[1 + n %% cardinality(c.ids)], s.ids[1 + n %% cardinality(s.ids)], 'campaign',
           'api', 'system', 'Plantão ' || n, 2, 'queued', CASE WHEN n %% 3 = 0 THEN 'quiet_hours' END, now(),
           CASE WHEN n %% 5 > 0 THEN now() + (n %% 3) * interval '1 hour' END
    FROM generate_series(1, %(queued)s) n
    CROSS JOIN (SELECT array_agg(id) AS ids FROM contacts) c
    CROSS JOIN (SELECT array_agg(id) AS ids FROM senders) s
"""


def main() -> None:
    """Build, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=5_000_000, help="business_events (default 5,000,000)")
    options = parser.parse_args()
    rig.prepare(ROOT)
    build(options.events)
    from canary import tallies
    from julia.prometheus.collector import PARTS

    now = clock()
    table = Table("part", "ms", title=f"{options.events:,} events, {QUEUED:,} queued")
    table.add_row("events, nothing added up yet", milliseconds(lambda: uncounted(now), runs=1))
    table.add_row("adding all of it up, once", milliseconds(lambda: tallies.advance(now=clock()), runs=1))
    table.add_row("adding a minute up", milliseconds(lambda: tallies.advance(now=clock()), runs=RUNS))
    for name, part in PARTS.items():
        table.add_row(name, milliseconds(lambda part=part: list(part(now=clock())), runs=RUNS))
    Console(width=100).print(table)


def uncounted(now: object) -> None:
    """What every scrape would cost without the tallies."""
    from django.db import connection

    from canary.tallies import COUNTED, WAITS_S

    with connection.cursor() as cursor:
        parameters = {"since": "2000-01-01", "until": now, "bounds": list(WAITS_S)}
        cursor.execute(COUNTED, parameters)
        cursor.fetchall()


def milliseconds(work: Callable[[], object], *, runs: int) -> str:
    """Do it so often, and tell the median."""
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return f"{statistics.median(taken) * 1000:,.0f}"


def clock() -> object:
    """Read the wall clock."""
    from django.utils import timezone

    return timezone.now()


def build(events: int) -> None:
    """Fill the tables, unless they are from before."""
    from canary.models import BusinessEvent

    is_from_before = BusinessEvent.objects.count() >= events
    with rig.filling() as cursor:
        cursor.execute("TRUNCATE event_tallies, event_tally_progress")
        if is_from_before:
            return
        cursor.execute("TRUNCATE business_events, outbound_messages, contacts, senders CASCADE")
        make_past_months()
        parameters = {"events": events, "contacts": CONTACTS, "senders": SENDERS, "queued": QUEUED}
        for statement in (*FILL.values(), QUEUE):
            cursor.execute(statement, parameters)


if __name__ == "__main__":
    main()
