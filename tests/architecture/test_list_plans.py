"""Issue 5, Admin: "Lists stay fast at a million rows": each list and filter reads an index, never a whole table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from julia.access import Level
from outbound.models import Contact, Sender
from tests import owner
from tests.factories import outbound as make
from tests.factories import people

LARGE = {"outbound_messages", "contacts"}
ROWS = 20_000
MESSAGES = """
    INSERT INTO outbound_messages (
        dedupe_key, dedupe_until, cliente_id, sender_id, method, channel, actor_type, text, priority, status, reason,
        created_at, attempted_at, sent_at
    )
    SELECT
        gen_random_uuid(), now(), c.id, %(sender)s, (ARRAY['campaign', 'followup', 'reply'])[1 + n %% 3], 'api',
        'system', 'Plantão', 2, CASE WHEN n %% 50 = 0 THEN 'blocked' ELSE 'sent' END,
        CASE WHEN n %% 50 = 0 THEN 'opted_out' END,
        now() - n * interval '1 minute', now() - n * interval '1 minute', now() - n * interval '1 minute'
    FROM generate_series(1, %(rows)s) n
    JOIN (SELECT id, row_number() OVER () AS number FROM contacts) c ON c.number = 1 + n %% %(people)s
"""
CONTACTS = """
    INSERT INTO contacts (phone, name, kind, opted_out_at, created_at)
    SELECT (5511900000000 + n)::text, 'Dra. ' || n, CASE WHEN n %% 90 = 0 THEN 'divulgador' ELSE 'medico' END,
           CASE WHEN n %% 90 = 0 THEN now() END, now() - n * interval '1 minute'
    FROM generate_series(1, %(rows)s) n
"""
EVENTS = """
    INSERT INTO business_events (ts, event_type, source, cliente_id, event_props)
    SELECT
        created_at, CASE status WHEN 'sent' THEN 'outbound_sent' ELSE 'outbound_blocked' END,
        'outbound', cliente_id, '{}'
    FROM outbound_messages ORDER BY created_at
"""


@pytest.fixture
def many(outbox_ready: None, now: datetime) -> Contact:
    """So many rows that reading them all would cost more than an index; and one contact among them."""
    with connection.cursor() as cursor:
        cursor.execute(CONTACTS, {"rows": ROWS})
        cursor.execute(MESSAGES, {"rows": ROWS, "people": ROWS, "sender": Sender.objects.get().pk})
        cursor.execute(EVENTS)
    with owner.connect() as owning:
        owning.execute("ANALYZE outbound_messages, contacts, business_events")
    return make.contact(phone="5511987654321")


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _read_whole(sql: str) -> set[str]:
    """Which tables a query would read from end to end."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        answer = cursor.fetchone()[0]
    (explained,) = answer if isinstance(answer, list) else json.loads(answer)
    scans = (node["Relation Name"] for node in _nodes(explained["Plan"]) if node["Node Type"] == "Seq Scan")
    return {table for table in scans if table in LARGE or table.startswith("business_events")}


def _queries(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    selects = [query["sql"] for query in captured.captured_queries if "SELECT" in query["sql"]]
    return [sql for sql in selects if any(table in sql for table in (*LARGE, "business_events"))]


def test_every_list_and_filter_reads_an_index_and_counts_nothing(many: Contact) -> None:
    client = people.browser(Level.VIEWER)
    listed = {
        "outbound_outboundmessage": [
            *("", "p=100", "status=queued", "status=blocked", "status=unknown", "status=sent", "reason=opted_out"),
            *("method=manual", "method=reply", "method=reply&reason=opted_out", "day=2026-11-20", f"contact={many.pk}"),
        ],
        "outbound_contact": ["", "kind=divulgador", "opted_out=yes", f"ids={many.pk}"],
        "canary_businessevent": [
            *("", "event_type=phase_changed", "event_type=outbound_blocked", f"cliente_id={many.pk}", "p=50"),
        ],
    }

    for screen, filters in listed.items():
        for query in filters:
            queries = _queries(client, f"{reverse(f'admin:{screen}_changelist')}?{query}")
            assert queries, (screen, query)
            for sql in queries:
                assert "COUNT(" not in sql.upper(), (screen, query)
                assert _read_whole(sql) <= _tiny_partitions(), (screen, query, sql)


def test_a_search_reads_an_index(many: Contact) -> None:
    client = people.browser(Level.VIEWER)

    for term in ("11 98765-4321", "dra. 77", "55119000"):
        with CaptureQueriesContext(connection) as captured:
            assert client.post(reverse("admin:outbound_contact_search"), {"term": term}).status_code == 302
        queries = [query["sql"] for query in captured.captured_queries if "contacts" in query["sql"]]
        assert queries
        assert [sql for sql in queries if _read_whole(sql)] == [], term


def test_neither_the_panel_nor_the_question_before_a_switch_reads_what_was_sent(many: Contact) -> None:
    client = people.browser(Level.OPERATOR)

    for url in (
        reverse("admin:index"),
        reverse("admin:panel_now"),
        reverse("admin:panel_switch", args=["julia", "off"]),
    ):
        queries = _queries(client, url)
        assert queries
        for sql in queries:
            assert _read_whole(sql) <= _tiny_partitions(), (url, sql)


def test_a_contacts_record_and_its_history_read_indexes(many: Contact) -> None:
    client = people.browser(Level.VIEWER)

    for sql in _queries(client, reverse("admin:outbound_contact_change", args=[many.pk])):
        assert _read_whole(sql) <= _tiny_partitions(), sql


def _tiny_partitions() -> set[str]:
    """The months of the events that hold next to nothing: there a whole read is the cheapest."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname ~ '^business_events_' AND relkind = 'r' AND reltuples < 100"
        )
        return {row[0] for row in cursor.fetchall()}
