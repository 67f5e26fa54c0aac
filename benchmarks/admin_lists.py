"""How long the admin's lists take at a million rows: python -m benchmarks.admin_lists [--rows 1000000]

Fills messages, events and contacts, then asks for each page as an operator's browser does, and prints the median of
five requests, the whole way through Django with its template, and how much of it was the database's.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from benchmarks import rig

if TYPE_CHECKING:
    from django.test import Client

ROOT = rig.ROOT.with_name("bench-admin")
TIMES = 5
# What is typed into the box above the contacts.
SEARCHES = {"contacts, by phone": "11 90000-0123", "contacts, by name": "dra. exemplo 77"}

CONTACTS = """
    INSERT INTO contacts (phone, name, kind, opted_out_at, created_at)
    SELECT (5511900000000 + n)::text, 'Dra. Exemplo ' || n, CASE WHEN n %% 50 = 0 THEN 'divulgador' ELSE 'medico' END,
           CASE WHEN n %% 40 = 0 THEN now() END, now() - n * interval '2 minutes'
    FROM generate_series(1, %(rows)s / 10) n
"""
MESSAGES = """
    INSERT INTO outbound_messages (
        dedupe_key, dedupe_until, cliente_id, sender_id, method, channel, actor_type, text, priority, status, reason,
        created_at, attempted_at, sent_at, due_at
    )
    SELECT gen_random_uuid(), made.at + interval '1 hour', people.id, sender.id,
           (ARRAY['campaign','followup','reactivation','reply','button','command','handoff'])[1 + n %% 7],
           'api', 'system', 'Plantão ' || n, 2, made.status,
           CASE made.status WHEN 'blocked' THEN 'opted_out' WHEN 'failed' THEN 'provider_error'
               WHEN 'unknown' THEN 'timeout' WHEN 'queued' THEN 'outside_canary' END,
           made.at, CASE WHEN made.status IN ('sent', 'unknown') THEN made.at END,
           CASE WHEN made.status = 'sent' THEN made.at END, NULL
    FROM generate_series(1, %(rows)s) n
    CROSS JOIN LATERAL (
        SELECT now() - n * interval '5 seconds' AS at,
               CASE WHEN n %% 20 = 0 THEN 'blocked' WHEN n %% 501 = 0 THEN 'failed' WHEN n %% 200003 = 0 THEN 'unknown'
                    WHEN n %% 33 = 0 THEN 'queued' ELSE 'sent' END AS status
    ) made
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS number FROM contacts) people
        ON people.number = 1 + n %% (%(rows)s / 10)
    CROSS JOIN (SELECT id FROM senders LIMIT 1) sender
"""
EVENTS = """
    INSERT INTO business_events (ts, event_type, source, cliente_id, event_props)
    SELECT m.created_at, CASE m.status WHEN 'blocked' THEN 'outbound_blocked' WHEN 'queued' THEN 'outbound_deferred'
               ELSE 'outbound_sent' END, 'outbound', m.cliente_id,
           jsonb_strip_nulls(jsonb_build_object('method', m.method, 'block_reason', m.reason, 'message_id', m.id))
    FROM outbound_messages m ORDER BY m.created_at
"""


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="messages, and as many events (default a million)")
    options = parser.parse_args()
    rig.prepare(ROOT)
    fill(options.rows)
    table = Table(
        "page",
        "median",
        "slowest",
        "database",
        title=f"{options.rows:,} messages and events, {options.rows // 10:,} contacts",
    )
    for name, url in pages().items():
        times, in_database = measure(url, term=SEARCHES.get(name, ""))
        figures = (statistics.median(times), max(times), statistics.median(in_database))
        table.add_row(name, *(f"{figure * 1000:.0f} ms" for figure in figures))
    Console().print(table)


def fill(rows: int) -> None:
    """Write the rows, unless a run before this one has."""
    from outbound.models import OutboundMessage

    if OutboundMessage.objects.count() == rows:
        return
    with rig.filling() as cursor:
        cursor.execute("TRUNCATE outbound_messages, business_events, contacts CASCADE")
        for what, statement in (("contacts", CONTACTS), ("messages", MESSAGES), ("events", EVENTS)):
            started_at = time.perf_counter()
            cursor.execute(statement, {"rows": rows} if "%(" in statement else None)
            print(f"{what}: {time.perf_counter() - started_at:.0f} s")


def pages() -> dict[str, str]:
    """The pages people ask for, by what they are."""
    from django.urls import reverse
    from django.utils import timezone

    from outbound.models import Contact

    messages, events, contacts = (
        reverse(f"admin:{name}_changelist")
        for name in ("outbound_outboundmessage", "canary_businessevent", "outbound_contact")
    )
    contact = Contact.objects.order_by("created_at")[0]
    yesterday = (timezone.localdate() - timezone.timedelta(days=1)).isoformat()
    return {
        "panel": reverse("admin:index"),
        "panel, every 3 s": reverse("admin:panel_now"),
        "messages": messages,
        "messages, page 100": f"{messages}?p=100",
        "messages, waiting": f"{messages}?status=queued",
        "messages, blocked": f"{messages}?status=blocked",
        "messages, failed": f"{messages}?status=failed",
        "messages, without proof": f"{messages}?status=unknown",
        "messages, by reason": f"{messages}?reason=provider_error",
        "messages, by a method nobody uses": f"{messages}?method=manual",
        "messages, method and reason": f"{messages}?method=reply&reason=opted_out",
        "messages, yesterday's": f"{messages}?day={yesterday}",
        "messages of a contact": f"{messages}?contact={contact.pk}",
        "events": events,
        "events, by type": f"{events}?event_type=outbound_deferred",
        "events, of a type that never was": f"{events}?event_type=phase_changed",
        "events, yesterday's": f"{events}?day={yesterday}",
        "events, yesterday's by type": f"{events}?day={yesterday}&event_type=outbound_blocked",
        "events of a contact": f"{events}?cliente_id={contact.pk}",
        "contacts": contacts,
        "contacts, divulgadores": f"{contacts}?kind=divulgador",
        "contacts, opted out": f"{contacts}?opted_out=yes",
        **dict.fromkeys(SEARCHES, reverse("admin:outbound_contact_search")),
        "a contact with its history": reverse("admin:outbound_contact_change", args=[contact.pk]),
    }


def measure(url: str, *, term: str) -> tuple[list[float], list[float]]:
    """Ask for a page, or for what a search finds, once to warm up and then five times.

    Answer the seconds each took, and those in the database.
    """
    from django.db import connection

    client = logged_in()
    times, in_database = [], []
    for _ in range(TIMES + 1):
        queries: list[float] = []
        started_at = time.perf_counter()
        with connection.execute_wrapper(partial(timed, queries)):
            answer = client.post(url, {"term": term}, follow=True) if term else client.get(url)
            assert answer.status_code == HTTPStatus.OK, url
        times.append(time.perf_counter() - started_at)
        in_database.append(sum(queries))
    return times[1:], in_database[1:]


def logged_in() -> Client:
    """A browser of somebody who may see everything."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get_or_create(username="bench", is_staff=True, is_superuser=True)[0])
    return client


def timed(queries: list[float], execute: Callable[..., Any], *arguments: Any) -> Any:
    """Run a query, and note how many seconds it took."""
    started_at = time.perf_counter()
    try:
        return execute(*arguments)
    finally:
        queries.append(time.perf_counter() - started_at)


if __name__ == "__main__":
    main()
