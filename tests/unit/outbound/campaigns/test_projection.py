"""Projected departures break no limit in any window, keep the hours, and waste no time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from outbound.campaigns.projection import Departures
from outbound.guardrails.business_hours import BusinessHours
from outbound.guardrails.limits import Limit, Usage

ALWAYS = BusinessHours.parse("mon-sun 00:00-24:00")
OFFICE = BusinessHours.parse("mon-fri 08:00-20:00")
NOON = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)  # a Wednesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SENDER = UUID(int=7)


def unused(count: int, window: timedelta) -> Usage:
    return Usage(limit=Limit(count=count, window=window), used=0, oldest_at=None)


@given(st.integers(1, 10), st.integers(1, 30), st.integers(0, 60))
def test_no_window_holds_more_than_its_limit(hourly: int, daily: int, people: int) -> None:
    departures = Departures(at=NOON, hours=OFFICE)
    usages = [unused(hourly, HOUR), unused(daily, DAY)]

    times = [departures.next(ready_at=NOON, sender_id=SENDER, usages=usages) for _ in range(people)]

    assert times == sorted(times)
    assert all(OFFICE.is_open(at) for at in times)
    for at in times:
        assert sum(at - HOUR < other <= at for other in times) <= hourly
        assert sum(at - DAY < other <= at for other in times) <= daily


def test_the_21st_of_20_an_hour_leaves_an_hour_later_and_another_number_at_once() -> None:
    departures = Departures(at=NOON, hours=ALWAYS)
    usages = [unused(20, HOUR)]

    times = [departures.next(ready_at=NOON, sender_id=SENDER, usages=usages) for _ in range(41)]

    assert (times[19], times[20], times[40]) == (NOON, NOON + HOUR, NOON + 2 * HOUR)
    assert departures.next(ready_at=NOON, sender_id=UUID(int=8), usages=usages) == NOON


def test_the_oldest_of_what_was_sent_frees_its_place_first() -> None:
    used = Usage(limit=Limit(count=2, window=HOUR), used=2, oldest_at=NOON - timedelta(minutes=40))
    departures = Departures(at=NOON, hours=ALWAYS)

    times = [departures.next(ready_at=NOON, sender_id=SENDER, usages=[used]) for _ in range(2)]

    assert times == [NOON + timedelta(minutes=20), NOON + HOUR]
