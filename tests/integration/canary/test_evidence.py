"""What the gate's evidence finds in the database: snapshots, incidents, drills, sends, and where we stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from canary import evidence, gates
from canary.criteria import Code
from canary.gate_facts import Measured
from canary.models import FeatureFlag, HealthSnapshot, Incident
from tests.factories import rollout as make

NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_new_installation_stands_where_its_switch_was_created():
    created_at = FeatureFlag.objects.get(key="outbound_canary").updated_at

    assert evidence.position() == evidence.Position(pct=10, entered_at=created_at)


def test_a_switch_that_cannot_be_read_stands_at_zero():
    make.standing_at(10, since=NOW)
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": "10"})

    assert evidence.position() == evidence.Position(pct=0, entered_at=None)


def test_the_metrics_that_are_registered_must_have_been_read():
    make.standing_at(10, since=NOW - DAY)

    facts = evidence.load(now=NOW)

    assert {"outbound_fallback", "invalid_reply", "outbound_to_opted_out", "provider_error_rate", "duplicates"} <= (
        facts.metrics
    )
    assert {"queue_age", "worker_heartbeat", "unknown_outcomes"} <= facts.metrics


def test_snapshots_come_in_order_of_time_whatever_order_they_were_taken_in():
    make.standing_at(10, since=NOW - DAY)
    for minutes in (10, 30, 5, 20):
        at = NOW - timedelta(minutes=minutes)
        HealthSnapshot.objects.create(taken_at=at, since=at - timedelta(minutes=5), readings=make.readings())

    found = [NOW - one.taken_at for one in evidence.load(now=NOW).snapshots]

    assert found == [timedelta(minutes=minutes) for minutes in (30, 20, 10, 5)]


@pytest.mark.parametrize("readings", [[], "ok", 7, {"duplicates": None}])
def test_a_snapshot_that_cannot_be_understood_is_no_evidence(readings):
    make.stable(10, now=NOW)
    HealthSnapshot.objects.filter(taken_at=NOW - HOUR).update(readings=readings)

    gate = gates.evaluate(evidence.load(now=NOW))

    assert [row.code for row in gate.unmet] == [Code.METRICS_HELD]


def test_shares_come_with_their_counts():
    make.standing_at(10, since=NOW - DAY)
    make.snapshots(since=NOW - timedelta(minutes=5), until=NOW, errors=1, attempts=40)

    (found,) = evidence.load(now=NOW).snapshots

    assert found.readings["provider_error_rate"] == Measured(is_ok=False, part=1, whole=40)
    assert found.readings["duplicates"] == Measured(is_ok=True)


def test_only_sends_of_the_window_count_and_of_the_phase():
    make.standing_at(10, since=NOW - 3 * DAY)
    make.sent(30, until=NOW)
    make.sent(500, until=NOW - DAY)
    assert evidence.load(now=NOW).sends == 30

    make.standing_at(25, since=NOW - timedelta(minutes=10))

    assert evidence.load(now=NOW).sends == 10


def test_the_least_number_of_messages_is_configured(settings):
    make.stable(10, now=NOW)
    settings.GATE_LEAST_SENDS = 61
    assert [row.code for row in gates.evaluate(evidence.load(now=NOW)).unmet] == [Code.ENOUGH_SENDS]

    settings.GATE_LEAST_SENDS = 60

    assert gates.evaluate(evidence.load(now=NOW)).is_go


@pytest.mark.parametrize(
    ("severity", "resolved_at", "is_go"),
    [
        ("P0", None, False),
        ("P1", NOW - HOUR, False),
        ("P0", NOW - 2 * DAY, True),
        ("P2", None, True),
        ("P3", None, True),
    ],
)
def test_grave_incidents_of_the_window_stand_in_the_way(severity, resolved_at, is_go):
    make.stable(10, now=NOW)
    Incident.objects.create(
        severity=severity,
        kind="x",
        opened_at=NOW - 3 * DAY,
        opened_by="system",
        last_seen_at=NOW,
        resolved_at=resolved_at,
        resolved_by="ana" if resolved_at else "",
        note="visto" if resolved_at else "",
    )

    assert gates.evaluate(evidence.load(now=NOW)).is_go is is_go


def test_drills_of_another_percentage_do_not_count():
    make.stable(10, now=NOW)
    assert gates.evaluate(evidence.load(now=NOW)).is_go
    make.drilled(pct=10, at=NOW - timedelta(minutes=30), names=("kill_switch_julia",), passed=False)
    assert not gates.evaluate(evidence.load(now=NOW)).is_go

    make.drilled(pct=25, at=NOW - timedelta(minutes=20))
    assert not gates.evaluate(evidence.load(now=NOW)).is_go

    make.drilled(pct=10, at=NOW - timedelta(minutes=10), names=("kill_switch_julia",))
    assert gates.evaluate(evidence.load(now=NOW)).is_go


@pytest.mark.parametrize("zone", ["UTC", "America/Sao_Paulo", "America/New_York"])
@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 1, 12, 0, tzinfo=UTC),  # after New York's night of 25 hours
        datetime(2026, 12, 1, 0, 0, tzinfo=UTC),  # across two partitions of the events, at UTC midnight
        datetime(2027, 1, 1, 0, 0, tzinfo=UTC),  # year end
    ],
)
def test_whatever_clock_the_caller_reads_the_window_is_the_same(zone, now):
    make.stable(10, now=now)
    local = now.astimezone(ZoneInfo(zone))

    assert gates.evaluate(evidence.load(now=local)).is_go
    assert gates.evaluate(evidence.load(now=local - timedelta(minutes=1))).earliest_at == now


def test_sends_are_counted_by_their_index_and_not_by_reading_all_events():
    make.sent(20_000, until=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE business_events")
        cursor.execute(
            "EXPLAIN SELECT count(*) FROM business_events WHERE event_type = 'outbound_sent' AND ts >= %s AND ts < %s",
            [NOW - HOUR, NOW],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "type_ts" in plan or "event_type_ts" in plan
    assert "Seq Scan on business_events_2026_11" not in plan


def test_a_week_costs_as_many_queries_as_a_day():
    make.stable(10, now=NOW)
    with CaptureQueriesContext(connection) as for_a_day:
        evidence.load(now=NOW)
    HealthSnapshot.objects.all().delete()
    make.stable(50, now=NOW)

    with CaptureQueriesContext(connection) as for_a_week:
        evidence.load(now=NOW)

    assert len(for_a_week) == len(for_a_day)
