"""Issue 2, "How good": 100,000 queued messages do not slow the claim: it reads an index, and never the whole table."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from outbound import claims, due
from outbound.claims import PICK_SENDER, TAKE
from outbound.methods import Priority
from outbound.models import OutboundMessage, Sender
from tests import owner
from tests.factories import outbound as make

INDEX = "outbound_messages_due"
QUEUED = 100_000
FILL = """
    INSERT INTO outbound_messages (
        dedupe_key, dedupe_until, cliente_id, sender_id, method, channel, actor_type, text, priority, created_at, due_at
    )
    SELECT
        gen_random_uuid(), now() + interval '1 hour', %(contact)s, (%(senders)s::uuid[])[1 + n %% 3], 'campaign', 'api',
        'system', 'Plantão ' || n, 2, now(), now() - n * interval '1 millisecond'
    FROM generate_series(1, %(count)s) AS n
"""


@pytest.fixture
def long_queue(outbox_ready: None) -> None:
    senders = [sender.pk for sender in (Sender.objects.get(), *(Sender.objects.create(instance=f"j{n}") for n in "23"))]
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"contact": make.contact().pk, "senders": senders, "count": QUEUED})
    with owner.connect() as connected:
        connected.execute("ANALYZE outbound_messages, senders")


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _explain(query: str) -> list[dict[str, Any]]:
    now, claim = datetime.now(UTC), uuid4()
    Sender.objects.update(claim_id=claim)
    parameters: dict[str, Any] = {
        "claim": claim,
        "now": now,
        "lease_until": now + claims.LEASE,
        "start_before": now + claims.LEASE - claims.REQUEST,
        "most": 100,
        "priorities": [int(level) for level in Priority],
    }
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {query}", parameters)
        answer = cursor.fetchone()[0]
    (explained,) = answer if isinstance(answer, list) else json.loads(answer)
    return list(_nodes(explained["Plan"]))


@pytest.mark.parametrize(("name", "query"), [("take", TAKE), ("pick_sender", PICK_SENDER), ("oldest", due.OLDEST)])
def test_the_claim_reads_the_index_and_not_the_queue(name: str, query: str, long_queue: None) -> None:
    nodes = _explain(query)

    assert INDEX in {node.get("Index Name") for node in nodes}, name
    read_whole = [node for node in nodes if node["Node Type"] == "Seq Scan"]
    assert "outbound_messages" not in {node["Relation Name"] for node in read_whole}


def test_a_claim_from_a_long_queue_takes_no_longer_than_from_a_short_one(long_queue: None) -> None:
    def best_of(times: int) -> float:
        took = []
        for _ in range(times):
            started_at = time.perf_counter()
            claims.take(most=10, now=datetime.now(UTC))
            took.append(time.perf_counter() - started_at)
        return min(took)

    long = best_of(5)
    left = OutboundMessage.objects.filter(status="queued").order_by("due_at").values("pk")[:300]
    OutboundMessage.objects.exclude(pk__in=list(left.values_list("pk", flat=True))).delete()
    with owner.connect() as connected:
        connected.execute("ANALYZE outbound_messages")
    Sender.objects.update(resume_at=None)
    short = best_of(5)

    # A sequential scan of 100,000 rows would cost tens of times as much.
    assert long < 5 * short + 0.01
