"""How long the gate takes over its longest window: 7 days of snapshots, and 5,000,000 events over 60 days behind them.

    python -m benchmarks.gate                       # or: --events 500000

The gate reads snapshots; of the events it only counts what was sent. The last line counts the same in a plain table
without an index, which is what the count would cost if it read the events.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from rich.console import Console
from rich.table import Table

from benchmarks import rig

ROOT = rig.ROOT.with_name("bench-gate")
DAYS = 60
FILL = """
    INSERT INTO business_events (ts, event_type, source, event_props)
    SELECT %(now)s - n * (interval '60 days' / %(events)s),
           CASE n %% 5 WHEN 0 THEN 'outbound_blocked' WHEN 1 THEN 'outbound_deferred' ELSE 'outbound_sent' END,
           'bench', '{"method": "campaign"}'
    FROM generate_series(1, %(events)s) AS n
"""
# In a schema of its own: in `public` nothing without row-level security is let be.
PLAIN = (
    "DROP SCHEMA IF EXISTS plain CASCADE",
    "CREATE SCHEMA plain",
    "CREATE UNLOGGED TABLE plain.events AS SELECT ts, event_type, event_props FROM business_events",
    "GRANT USAGE ON SCHEMA plain TO service_role",
    "GRANT SELECT ON plain.events TO service_role",
)
COUNT_PLAIN = "SELECT count(*) FROM plain.events WHERE event_type = 'outbound_sent' AND ts >= %s AND ts < %s"


def main() -> None:
    """Build the tables, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=5_000_000, help="rows of business_events (default 5,000,000)")
    options = parser.parse_args()
    rig.prepare(ROOT)
    from django.db import connection
    from django.utils import timezone

    from canary import evidence, gates

    now = timezone.now()
    _fill(options.events, now)
    window = [now - timedelta(days=7), now]
    with connection.cursor() as cursor:
        facts = evidence.load(now=now)
        rows = {
            "evidence.load, 7 days": lambda: evidence.load(now=now),
            "gates.evaluate, 7 days": lambda: gates.evaluate(facts),
            "both": lambda: gates.evaluate(evidence.load(now=now)),
            "the count alone, plain table": lambda: cursor.execute(COUNT_PLAIN, window),
        }
        table = Table("what", "best of 5, ms", title=f"{options.events:,} events over {DAYS} days")
        for name, call in rows.items():
            table.add_row(name, f"{_best_of(5, call) * 1000:.0f}")
    console = Console()
    unmet = ", ".join(row.code for row in gates.evaluate(facts).unmet)
    console.print(table)
    console.print(f"{len(facts.snapshots)} snapshots, {facts.sends} sends in the window; not met: {unmet}")


def _fill(events: int, now: datetime) -> None:
    from django.core.management import call_command

    from canary import partitions
    from tests.factories import rollout

    call_command("flush", interactive=False, verbosity=0)
    with rig.filling() as cursor:
        for age in range(0, DAYS + 31, 30):
            partitions.ensure_ahead(today=(now - timedelta(days=age)).date())
        cursor.execute(FILL, {"now": now, "events": events})
        for statement in PLAIN:
            cursor.execute(statement)
    rollout.stable(50, now=now)


def _best_of(times: int, call: Callable[[], object]) -> float:
    took = []
    for _ in range(times):
        started_at = time.perf_counter()
        call()
        took.append(time.perf_counter() - started_at)
    return min(took)


if __name__ == "__main__":
    main()
