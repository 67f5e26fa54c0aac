"""`manage.py retention`: shows first, removes only when asked to, and leaves the record of what it removed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from canary import database_security, events, partitions
from canary.database_owner import as_owner
from canary.event_types import EventType
from canary.models import BusinessEvent
from canary.partitions import Month
from outbound.models import Interaction, OutboundMessage, Sender
from tests.factories import outbound as make


def emit(*, at: datetime) -> None:
    with transaction.atomic():
        events.emit([events.Event(type=EventType.OUTBOUND_SENT, at=at, source="test")])


def retention(*arguments: str) -> str:
    output = StringIO()
    call_command("retention", *arguments, stdout=output)
    return output.getvalue()


def partition_of_the_only_event() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM business_events WHERE event_type = 'outbound_sent'")
        (name,) = cursor.fetchone()
        return str(name)


def test_nothing_is_removed_unless_asked_for(outbox_ready, now):
    emit(at=now - timedelta(days=400))
    emit(at=now)

    shown = retention()

    assert "400" not in shown
    assert BusinessEvent.objects.count() == 2

    retention("--apply", "--reason", "teste", "--actor", "ana")

    assert BusinessEvent.objects.filter(event_type="outbound_sent").get().ts == now
    (record,) = make.events("retention_applied")
    assert record.event_props == {
        "what": "business_events",
        "days": 180,
        "rows": 1,
        "actor_id": "ana",
        "reason": "teste",
    }


def test_only_months_that_are_over_for_long_enough_go(outbox_ready, now, settings):
    settings.EVENT_RETENTION_DAYS = 60
    first_kept = partitions.start_of_month(now - timedelta(days=60))
    emit(at=first_kept)
    emit(at=first_kept - timedelta(microseconds=1))

    retention("--apply")

    assert BusinessEvent.objects.filter(event_type="outbound_sent").get().ts == first_kept


def test_an_event_of_a_month_without_a_partition_is_taken_and_sorted_later(outbox_ready, now):
    at = now - timedelta(days=100)
    emit(at=at)
    assert partition_of_the_only_event() == "business_events_default"
    before = BusinessEvent.objects.get()

    retention("--apply")

    assert partition_of_the_only_event() == f"business_events_{at:%Y_%m}"
    assert BusinessEvent.objects.get(event_type="outbound_sent").pk == before.pk
    assert database_security.findings() == []


def test_a_year_of_months_is_made_ahead(outbox_ready, now):
    this = Month(now.date().replace(day=1))
    with as_owner(connection):
        partitions.drop([this.later(months) for months in range(6, 13)])
    assert this.later(6) not in partitions.existing()

    retention("--apply")

    assert {this.later(months) for months in range(13)} <= set(partitions.existing())


def test_the_application_may_not_drop_the_record(outbox_ready, now):
    from django.db import ProgrammingError

    with pytest.raises(ProgrammingError, match="must be owner"):
        partitions.drop(partitions.existing()[:1])


@pytest.mark.parametrize(
    ("month", "later", "expected"),
    [
        (date(2026, 1, 1), 0, date(2026, 1, 1)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),  # over the year's end
        (date(2026, 11, 1), 14, date(2028, 1, 1)),
    ],
)
def test_months_follow_each_other(month, later, expected):
    assert Month(month).later(later).first == expected
    assert Month.named(Month(month).partition) == Month(month)


def test_texts_expire_and_their_rows_stay(outbox_ready, now):
    old, recent = now - timedelta(days=181), now - timedelta(days=179)
    sender, contact = Sender.objects.get(), make.contact()
    kept = make.sent_before(contact, at=recent, sender=sender)
    expired = make.sent_before(contact, at=old, sender=sender)
    heard = make.inbound(contact, at=old)
    rows = OutboundMessage.objects.count()

    retention("--apply")

    assert OutboundMessage.objects.count() == rows
    assert OutboundMessage.objects.get(pk=kept.pk).text == "antes"
    assert OutboundMessage.objects.get(pk=expired.pk).text == ""
    assert OutboundMessage.objects.get(pk=expired.pk).sent_at == old
    assert Interaction.objects.get(pk=heard.pk).text == ""


@pytest.mark.parametrize("status", ["queued", "sending", "unknown"])
def test_what_still_needs_its_text_keeps_it(outbox_ready, now, status):
    message = make.sent_before(make.contact(), at=now - timedelta(days=400), sender=Sender.objects.get())
    changes = {"status": status, "claim_id": message.pk, "lease_until": now + timedelta(minutes=1)}
    OutboundMessage.objects.filter(pk=message.pk).update(**changes)

    retention("--apply")
    assert OutboundMessage.objects.get(pk=message.pk).text == "antes"

    OutboundMessage.objects.filter(pk=message.pk).update(status="failed")
    retention("--apply")
    assert OutboundMessage.objects.get(pk=message.pk).text == ""


def test_a_phone_is_no_reason(outbox_ready, now):
    emit(at=now - timedelta(days=400))

    with pytest.raises(CommandError):
        retention("--apply", "--reason", "ligar para 11 98765-4321")


QUERIES_OF_A_DAY = [
    "SELECT count(*) FROM business_events WHERE ts >= now() - interval '24 hours'",
    "SELECT count(*) FROM business_events WHERE event_type = 'outbound_sent' AND ts >= now() - interval '24 hours'",
]


@pytest.mark.parametrize("query", QUERIES_OF_A_DAY)
def test_a_query_about_a_day_reads_no_month_that_is_over(outbox_ready, query):
    with as_owner(connection), transaction.atomic():
        today = datetime.now(UTC).date()
        partitions.ensure_ahead(today=today - timedelta(days=200))
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, COSTS OFF) {query}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        transaction.set_rollback(True)

    assert f"business_events_{today:%Y_%m}" in plan
    assert f"business_events_{today - timedelta(days=100):%Y_%m}" not in plan
