"""How long `manage.py health` takes on five million events over 60 days, beside a plain table without our indexes.

    python -m benchmarks.health

PostgreSQL makes the events itself, in the proportions of a busy day, with the messages they tell of; a copy of both
without partitions and indexes is what the same queries are held against. It takes some minutes.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import rig

ROOT = rig.ROOT.with_name("bench-health")
DAYS = 60
RUNS = 3
PATIENCE_S = 30
CONTACTS = 200_000
SENDERS = 40

FILL = {
    "contacts": """
        INSERT INTO contacts (phone, opted_out_at)
        SELECT '55119' || 70000000 + n, CASE WHEN n %% 20 = 0 THEN now() - random() * interval '60 days' END
        FROM generate_series(1, %(contacts)s) AS n
    """,
    "senders": "INSERT INTO senders (instance) SELECT 'bench-' || n FROM generate_series(1, %(senders)s) AS n",
    # One event in ten is a message that leaves, which has its row, too.
    "messages": """
        INSERT INTO outbound_messages (
            dedupe_key, dedupe_until, cliente_id, sender_id, method, channel, actor_type, text, priority, status,
            created_at, due_at, claimed_at, attempted_at, sent_at, attempts, has_inbound_proof
        )
        SELECT
            md5(n::text)::uuid, at + interval '1 hour', c.ids[1 + n %% cardinality(c.ids)],
            s.ids[1 + n %% cardinality(s.ids)], 'campaign', 'api', 'system', 'Plantão ' || n, 2, 'sent',
            at, at, at, at, at, 1, false
        FROM generate_series(1, %(events)s / 10) AS n
        CROSS JOIN LATERAL (SELECT now() - (%(events)s / 10 - n) * (interval '60 days' / (%(events)s / 10)) AS at) a
        CROSS JOIN (SELECT array_agg(id) AS ids FROM contacts WHERE opted_out_at IS NULL) c
        CROSS JOIN (SELECT array_agg(id) AS ids FROM senders) s
    """,
    "sent": """
        INSERT INTO business_events (ts, event_type, source, cliente_id, event_props)
        SELECT sent_at, 'outbound_sent', 'outbound', cliente_id, jsonb_build_object(
            'message_id', id, 'channel', channel, 'method', method, 'actor_type', actor_type, 'attempts', 1)
        FROM outbound_messages ORDER BY sent_at
    """,
    "others": """
        INSERT INTO business_events (ts, event_type, source, cliente_id, event_props)
        SELECT
            now() - (%(events)s * 9 / 10 - n) * (interval '60 days' / (%(events)s * 9 / 10)),
            CASE WHEN n %% 10 < 5 THEN 'outbound_deferred' WHEN n %% 10 < 8 THEN 'outbound_blocked'
                 WHEN n %% 100 = 99 THEN 'outbound_bypass' ELSE 'doctor_inbound' END,
            'outbound', c.ids[1 + n %% cardinality(c.ids)],
            jsonb_build_object(
                'message_id', md5(n::text)::uuid, 'channel', 'api', 'method', 'campaign', 'actor_type', 'system',
                'bypass_reason', 'urgente', 'block_reason',
                CASE WHEN n %% 10 < 5 THEN 'rate_limited' WHEN n %% 500 = 7 THEN 'provider_error' ELSE 'opted_out' END)
        FROM generate_series(1, %(events)s * 9 / 10) AS n
        CROSS JOIN (SELECT array_agg(id) AS ids FROM contacts) c
    """,
    # People who came back: what left while they were out is looked for.
    "returns": """
        INSERT INTO business_events (ts, event_type, source, cliente_id, event_props)
        SELECT now() - n * interval '1 minute', 'contact_opted_in', 'outbound', c.ids[n], jsonb_build_object(
            'opted_out_at', now() - (n + 600) * interval '1 minute')
        FROM generate_series(1, 2000) AS n CROSS JOIN (SELECT array_agg(id) AS ids FROM contacts) c
    """,
}
# The names that the queries use, in a schema that is looked at first.
PLAIN = """
    CREATE SCHEMA plain;
    CREATE TABLE plain.business_events AS SELECT * FROM business_events;
    CREATE TABLE plain.outbound_messages AS SELECT * FROM outbound_messages;
    CREATE TABLE plain.provider_messages AS SELECT * FROM provider_messages;
"""


def main() -> None:
    """Build, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=5_000_000, help="business_events (default 5,000,000)")
    options = parser.parse_args()
    console = Console(width=110)
    rig.prepare(ROOT)
    build(options.events, console)
    from django.db import connection

    with connection.cursor() as cursor:
        # One process does it all, so that its work can be told from that of others on the machine.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    for part in parts().values():
        part()  # what was read is in memory from here on, as it is where health is asked for all day
    ours = {name: measure(part, RUNS) for name, part in parts().items()}
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('search_path', 'plain, public', false)")
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{PATIENCE_S}s"])
    plain = {name: measure(part, 1) for name, part in parts().items()}
    console.print(report(ours, plain, options.events))


def build(events: int, console: Console) -> None:
    """Fill the tables, unless they are from before, and copy them plain."""
    from canary.models import BusinessEvent

    if BusinessEvent.objects.count() >= events:
        return
    with rig.filling() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS plain CASCADE")
        cursor.execute("TRUNCATE business_events, outbound_messages, contacts, senders CASCADE")
        make_past_months()
        for name, statement in FILL.items():
            started_at = time.monotonic()
            cursor.execute(statement, {"events": events, "contacts": CONTACTS, "senders": SENDERS})
            console.print(f"{name}: {cursor.rowcount:,} rows in {time.monotonic() - started_at:.0f} s")
        cursor.execute(PLAIN)
        cursor.execute("GRANT USAGE ON SCHEMA plain TO service_role")
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA plain TO service_role")


def make_past_months() -> None:
    """Partitions for the days behind us: in a real life they were made ahead."""
    from datetime import timedelta

    from django.utils import timezone

    from canary import partitions

    partitions.ensure_ahead(today=timezone.now().date() - timedelta(days=DAYS))


def parts() -> dict[str, Callable[[], object]]:
    """What is measured: the whole command, and each metric and section of it."""
    from datetime import timedelta

    from django.core.management import call_command
    from django.utils import timezone

    from canary import daily_panel, metrics
    from canary.metrics import Window

    now = timezone.now()
    window = Window(since=now - timedelta(hours=24), until=now)

    def command() -> None:
        try:
            call_command("health", stdout=StringIO())
        except SystemExit:
            return  # a violated metric is an answer, too

    measured: dict[str, Callable[[], object]] = {"manage.py health": command}
    for metric in metrics.registered():
        measured[f"  {metric.name}"] = lambda metric=metric: metric.read(window)
    for section in daily_panel.sections():
        measured[f"  health {section.name}"] = lambda section=section: section.find(window)
    return measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """Seconds on the clock, and of work: what our process and its database session used of a processor."""

    wall_s: float
    cpu_s: float


def measure(part: Callable[[], object], runs: int) -> Time:
    """The median times; infinite when the database lost patience."""
    from django.db import OperationalError

    times = []
    for _run in range(runs):
        started_at, cpu_before = time.perf_counter(), cpu()
        try:
            part()
        except OperationalError:
            return Time(wall_s=math.inf, cpu_s=math.inf)
        times.append((time.perf_counter() - started_at, cpu() - cpu_before))
    return Time(wall_s=statistics.median(wall for wall, _ in times), cpu_s=statistics.median(used for _, used in times))


def cpu() -> float:
    """Seconds of processor used so far by this process and by the one that serves it in PostgreSQL."""
    from django.db import connection

    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return time.process_time() + sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def report(ours: dict[str, Time], plain: dict[str, Time], events: int) -> Table:
    """Both beside each other."""
    table = Table("24 h", "ours, ms", "of them work, ms", "plain table, ms", "plain ÷ ours")
    table.title = f"{events:,} events over {DAYS} days, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}"
    for name, it in ours.items():
        wall_s = plain[name].wall_s
        shown = f"{wall_s * 1000:,.0f}" if math.isfinite(wall_s) else f"> {PATIENCE_S * 1000:,}"
        ratio = f"{min(wall_s, PATIENCE_S) / it.wall_s:,.0f}"
        table.add_row(name, f"{it.wall_s * 1000:,.0f}", f"{it.cpu_s * 1000:,.0f}", shown, ratio)
    return table


if __name__ == "__main__":
    main()
