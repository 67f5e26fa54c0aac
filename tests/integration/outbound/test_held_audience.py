"""Issue 4, item 6: who is outside the percentage waits; growing lets out in order, within limits; shrinking holds."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canary import flags, rollout
from canary.buckets import bucket
from canary.flag_values import FlagKey
from outbound import claims
from outbound.models import Contact, OutboundMessage
from tests.factories import outbound as make
from tests.factories import rollout as rollouts

HOUR = timedelta(hours=1)
# On both sides of each phase's edge, by the shell: $((16#$(printf %s ID | md5sum | cut -c1-8) % 100)).
EDGES = {
    "00000000-0000-4000-8000-000000000059": 0,
    "00000000-0000-4000-8000-000000000101": 9,
    "00000000-0000-4000-8000-000000000006": 10,
    "00000000-0000-4000-8000-000000000204": 24,
    "00000000-0000-4000-8000-000000000215": 25,
    "00000000-0000-4000-8000-000000000001": 49,
    "00000000-0000-4000-8000-000000000027": 50,
    "00000000-0000-4000-8000-000000000009": 99,
}


@pytest.fixture
def audience(outbox_ready, now):
    """Somebody on both sides of every edge, each with a message, the last contact's the oldest; at 10 %."""
    rollouts.standing_at(10, since=now)
    everybody = [make.contact(id=UUID(id_)) for id_ in EDGES]
    for age, doctor in enumerate(everybody):
        make.queued(doctor, now=now - age * timedelta(minutes=1))
    return everybody


def held() -> set[int]:
    return set(
        OutboundMessage.objects.filter(reason="outside_canary", due_at=None).values_list("contact__bucket", flat=True)
    )


def delivered(sandbox) -> list[str]:
    return [message.text for message in sandbox.delivered()]


def test_the_database_puts_the_edges_into_the_buckets_the_shell_worked_out(audience):
    assert {str(doctor.pk): doctor.bucket for doctor in audience} == EDGES


@pytest.mark.parametrize(
    ("before", "after", "let_out"),
    [(10, 25, {10, 24}), (25, 50, {25, 49}), (50, 100, {50, 99}), (0, 10, {0, 9})],
)
def test_each_phase_lets_out_just_those_it_takes_in(audience, dispatcher, sandbox, now, before, after, let_out):
    rollouts.standing_at(before, since=now - 8 * 24 * HOUR)
    dispatcher.drain(seconds=5)
    was_held, left_before = held(), len(delivered(sandbox))
    rollouts.stable(before, now=now)

    assert rollout.promote(actor="ana", reason="teste", now=now).to_pct == after
    dispatcher.drain(seconds=5)

    assert was_held - held() == let_out
    assert held() == {n for n in EDGES.values() if n >= after}
    assert len(delivered(sandbox)) == left_before + 2


def test_a_rollback_holds_again_what_was_let_out_and_had_not_left(audience, dispatcher, sandbox, now):
    dispatcher.drain(seconds=5)
    rollouts.stable(10, now=now)
    rollout.promote(actor="ana", reason="teste", now=now)
    assert OutboundMessage.objects.filter(status="queued", due_at__lte=now).count() == 2

    rollout.rollback(to_pct=10, actor="ana", reason="teste", now=now)
    dispatcher.drain(seconds=5)

    assert held() == {10, 24, 25, 49, 50, 99}
    assert len(delivered(sandbox)) == 2  # buckets 0 and 9


def many(count: int, *, now) -> list[OutboundMessage]:
    """Messages a minute apart, oldest first, held at 0 %."""
    rollouts.standing_at(0, since=now - 25 * HOUR)
    queue = [make.queued(make.contact(), now=now - (count - n) * timedelta(minutes=1)) for n in range(count)]
    while claims.take(most=100, now=now).taken:
        pass
    assert OutboundMessage.objects.filter(due_at=None).count() == count
    return queue


def test_what_is_let_out_leaves_in_the_order_it_was_queued_and_under_the_limits(outbox_ready, now):
    """20 an hour: the twenty oldest now, the next twenty when the hour has passed, and so on."""
    queue = [message.pk for message in many(50, now=now)]
    assert _taken(now) == []

    with transaction.atomic():
        flags.switch(key=FlagKey.OUTBOUND_CANARY, fields={"pct": 100}, actor="ana", reason="teste", now=now)

    later = [now + n * (HOUR + timedelta(minutes=1)) for n in range(3)]
    assert [_taken(at) for at in later] == [queue[:20], queue[20:40], queue[40:]]


def _taken(at) -> list[UUID]:
    found: list[UUID] = []
    while (claim := claims.take(most=100, now=at)).taken:
        found += [message.id for message in claim.messages]
    return found


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.uuids())
def test_postgresql_computes_the_bucket_that_python_computes(outbox_ready, contact_id):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'contacts'::regclass")
        (expression,) = [row[0] for row in cursor.fetchall() if "md5" in row[0]]
        cursor.execute(f"SELECT {expression} FROM (SELECT %s::uuid AS id) AS contact", [contact_id])  # noqa: S608
        (computed,) = cursor.fetchone()

    assert computed == bucket(contact_id)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 100), min_size=2, max_size=2, unique=True))
def test_growing_never_drops_a_contact_that_was_in(audience, percentages):
    smaller, larger = sorted(percentages)

    was_in = set(Contact.objects.filter(bucket__lt=smaller))

    assert was_in <= set(Contact.objects.filter(bucket__lt=larger))
