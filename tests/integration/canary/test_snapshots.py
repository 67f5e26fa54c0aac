"""Snapshots: one for each five minutes, once, over what is settled, at any hour of any year."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from canary import events, jobs, metrics, snapshots
from canary.event_types import EventType
from canary.models import HealthSnapshot
from outbound import heartbeats


def utc(year: int, month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def errors(count: int, *, at: datetime) -> None:
    event = events.Event(type=EventType.OUTBOUND_BLOCKED, at=at, source="test", props={"block_reason": "timeout"})
    with transaction.atomic():
        events.emit([event] * count)


def test_a_snapshot_holds_every_metric_of_the_five_minutes_before_it(db):
    heartbeats.beat(name=heartbeats.WORKER, now=utc(2026, 3, 2, 12, 4, 58))
    errors(2, at=utc(2026, 3, 2, 12, 0))
    errors(3, at=utc(2026, 3, 2, 12, 5))

    taken = snapshots.take(now=utc(2026, 3, 2, 12, 6, 30))

    kept = HealthSnapshot.objects.get()
    assert taken is not None
    assert (kept.since, kept.taken_at) == (utc(2026, 3, 2, 12, 0), utc(2026, 3, 2, 12, 5))
    assert set(kept.readings) == {metric.name for metric in metrics.registered()}
    assert kept.readings["provider_error_rate"] == {
        "value": 1.0,
        "is_ok": False,
        "shown": "100.00% (2/2)",
        "part": 2,
        "whole": 2,
    }
    assert kept.readings["worker_heartbeat"] == {
        "value": 2.0,
        "is_ok": True,
        "shown": "2 s",
        "part": None,
        "whole": None,
    }


def test_what_never_was_is_kept_as_null(db):
    snapshots.take(now=utc(2026, 3, 2, 12, 7))

    assert HealthSnapshot.objects.get().readings["worker_heartbeat"]["value"] is None


def test_a_send_of_the_last_seconds_has_time_to_be_settled(db):
    # A lease is 60 s, and leases are looked at every 5 s: until then the snapshot of 12:05 is not taken.
    snapshots.take(now=utc(2026, 3, 2, 12, 6, 29))
    assert HealthSnapshot.objects.get().taken_at == utc(2026, 3, 2, 12, 0)

    snapshots.take(now=utc(2026, 3, 2, 12, 6, 30))
    assert HealthSnapshot.objects.order_by("-taken_at")[0].taken_at == utc(2026, 3, 2, 12, 5)


def test_a_run_every_minute_tiles_the_time(db):
    begin = utc(2026, 3, 2, 12, 0, 41)

    for minute in range(31):
        snapshots.take(now=begin + timedelta(minutes=minute))

    taken = list(HealthSnapshot.objects.order_by("taken_at").values_list("since", "taken_at"))
    assert len(taken) == 7
    assert [since for since, _until in taken[1:]] == [until for _since, until in taken[:-1]]


def test_the_same_moment_is_taken_once(db):
    assert snapshots.take(now=utc(2026, 3, 2, 12, 7)) is not None

    errors(1, at=utc(2026, 3, 2, 12, 4))

    assert snapshots.take(now=utc(2026, 3, 2, 12, 8)) is None
    assert HealthSnapshot.objects.get().readings["provider_error_rate"]["part"] == 0


def test_snapshots_out_of_order_are_each_their_own(db):
    snapshots.take(now=utc(2026, 3, 2, 13, 7))
    snapshots.take(now=utc(2026, 3, 2, 12, 7))

    assert [snapshot.taken_at.hour for snapshot in HealthSnapshot.objects.all()] == [13, 12]


def test_two_crons_at_once_take_one_snapshot(transactional_db):
    failures: list[Exception] = []
    together = threading.Barrier(4)

    def take() -> None:
        try:
            together.wait(timeout=20)
            snapshots.take(now=utc(2026, 3, 2, 12, 7))
        except Exception as error:  # noqa: BLE001 - whatever it is fails the test
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert failures == []
    assert HealthSnapshot.objects.count() == 1


def test_a_metric_that_cannot_be_read_leaves_a_gap(db, monkeypatch):
    def unreadable(_window: metrics.Window) -> metrics.Reading:
        raise ArithmeticError

    monkeypatch.setitem(metrics._metrics, "broken", metrics.Metric(**_fields(), read=unreadable))

    with pytest.raises(ArithmeticError):
        snapshots.take(now=utc(2026, 3, 2, 12, 7))

    assert not HealthSnapshot.objects.exists()


@pytest.mark.parametrize(
    ("now", "taken_at"),
    [
        (utc(2026, 3, 2, 0, 1, 30), utc(2026, 3, 2, 0, 0)),  # UTC's midnight belongs to the day that begins
        (utc(2026, 3, 2, 0, 1, 29), utc(2026, 3, 1, 23, 55)),
        (utc(2027, 1, 1, 0, 1, 29), utc(2026, 12, 31, 23, 55)),  # and the year's end to the year that ends
        (utc(2027, 1, 1, 2, 59, 59), utc(2027, 1, 1, 2, 55)),  # São Paulo's year ends three hours later
        (utc(2018, 11, 4, 3, 2), utc(2018, 11, 4, 3, 0)),  # the clock goes forward: 00:00 is 01:00
        (utc(2018, 2, 18, 2, 2), utc(2018, 2, 18, 2, 0)),  # the clock goes back: 23:00 comes twice
        (utc(2018, 2, 18, 3, 2), utc(2018, 2, 18, 3, 0)),
    ],
)
def test_the_clock_of_nobody_makes_a_gap(db, now, taken_at):
    snapshots.take(now=now)

    assert HealthSnapshot.objects.get().taken_at == taken_at


def test_the_job_takes_the_snapshot_of_now(transactional_db):
    jobs.take_snapshot()

    age = datetime.now(UTC) - HealthSnapshot.objects.get().taken_at
    assert timedelta(seconds=90) <= age < timedelta(minutes=7)


def _fields() -> dict[str, Any]:
    return {"name": "broken", "threshold": "= 0", "severity": "P3", "action": "—"}
