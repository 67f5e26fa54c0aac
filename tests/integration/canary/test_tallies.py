"""Tallies: what was counted stays counted, through roll-ups, retention and whoever else counts at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from canary import events, tallies
from canary.event_types import EventType
from canary.events import Event
from canary.models import EventTally, TallyProgress

MINUTE = timedelta(minutes=1)


def happen(at, *, type_=EventType.OUTBOUND_SENT, times=1, **props: Any) -> None:
    event = Event(type=type_, at=at, source="test", props={"method": "campaign", **props})
    with transaction.atomic():
        events.emit([event] * times)


def sent(now) -> int:
    return sum(tally.total for tally in tallies.read(now=now) if tally.event_type == "outbound_sent")


def test_what_happened_is_counted_by_type_method_reason_and_outcome(transactional_db, now):
    happen(now, times=3)
    happen(now, type_=EventType.OUTBOUND_BLOCKED, block_reason="opted_out", times=2)
    happen(now, type_=EventType.OUTBOUND_BLOCKED, block_reason="timeout", outcome="unknown", method="reply")

    found = {(t.event_type, t.method, t.reason, t.outcome): t.total for t in tallies.read(now=now)}

    assert found == {
        ("outbound_sent", "campaign", "", ""): 3,
        ("outbound_blocked", "campaign", "opted_out", ""): 2,
        ("outbound_blocked", "reply", "timeout", "unknown"): 1,
    }


@pytest.mark.parametrize(
    ("waited_s", "le"),
    [(0.0, 0.1), (0.1, 0.1), (0.101, 0.25), (1.0, 1.0), (1.001, 2.5), (86400.0, 86400.0), (86400.001, float("inf"))],
)
def test_a_wait_falls_into_the_class_whose_bound_it_does_not_pass(transactional_db, now, waited_s, le):
    happen(now, waited_s=waited_s)

    (tally,) = tallies.read(now=now)

    assert (tally.le, tally.waited_ms) == (le, round(waited_s * 1000))


def test_adding_up_changes_no_number_and_is_done_once(transactional_db, now):
    for days in (40, 3, 1):
        happen(now - timedelta(days=days), times=2, waited_s=0.2)
    happen(now, waited_s=0.2)
    before = tallies.read(now=now)
    assert before[0].total == 7

    assert tallies.advance(now=now) == 40
    assert tallies.advance(now=now) == 0

    assert tallies.read(now=now) == before
    assert EventTally.objects.get().total == 6, "the last minutes are counted live"


def test_the_last_minutes_wait_for_what_commits_late(transactional_db, now):
    happen(now - tallies.LAG - timedelta(seconds=1))
    tallies.advance(now=now)
    assert sent(now) == 1

    happen(now - tallies.LAG + timedelta(seconds=1))

    assert sent(now) == 2
    tallies.advance(now=now + MINUTE)
    assert sent(now + MINUTE) == 2


def test_what_was_counted_outlives_the_events(transactional_db, now):
    """As retention drops whole months."""
    from tests import owner

    happen(now - timedelta(days=200), times=5)
    tallies.advance(now=now)

    with owner.connect() as database:
        database.execute("TRUNCATE business_events")

    assert sent(now) == 5


def test_a_clock_ahead_of_ours_loses_nothing(transactional_db, now):
    happen(now + MINUTE)

    assert sent(now) == 1


def test_many_who_count_at_once_count_each_event_once(transactional_db, now):
    for minutes in range(30):
        happen(now - minutes * MINUTE)

    def count_on(step: int) -> None:
        try:
            tallies.advance(now=now + step * MINUTE)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_on, range(12)))

    assert TallyProgress.objects.get().counted_until == now + 11 * MINUTE - tallies.LAG
    assert sent(now + 11 * MINUTE) == 30


def test_it_never_falls_while_events_arrive_and_others_count(transactional_db, now):
    seen = []

    for minute in range(25):
        at = now + minute * MINUTE
        happen(at)
        seen.append(sent(at))
        tallies.advance(now=at)
        seen.append(sent(at))

    assert seen == [count for minute in range(25) for count in (minute + 1, minute + 1)]
