"""'Guardrails: horário comercial (08-20h seg-sex)': half-open, São Paulo time, to the microsecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbound.guardrails.business_hours import SAO_PAULO, BusinessHours, InvalidHoursError, parse_holidays

HOURS = BusinessHours.parse("mon-fri 08:00-20:00")
# 2026-11-23 is a Monday.
MONDAY = datetime(2026, 11, 23, tzinfo=SAO_PAULO)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (MONDAY.replace(hour=7, minute=59, second=59, microsecond=999_999), False),
        (MONDAY.replace(hour=8), True),
        (MONDAY.replace(hour=19, minute=59, second=59, microsecond=999_999), True),
        (MONDAY.replace(hour=20), False),
        (MONDAY.replace(hour=12) + timedelta(days=4), True),  # Friday
        (MONDAY.replace(hour=12) + timedelta(days=5), False),  # Saturday
        (MONDAY.replace(hour=12) + timedelta(days=6), False),  # Sunday
        (datetime(2026, 11, 23, 10, 59, 59, tzinfo=UTC), False),  # 07:59:59 in São Paulo
        (datetime(2026, 11, 23, 11, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 24, 0, 30, tzinfo=UTC), False),  # still Monday there, 21:30
    ],
)
def test_the_hours_are_half_open(at, is_open):
    assert HOURS.is_open(at) is is_open


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        (MONDAY.replace(hour=7), MONDAY.replace(hour=8)),
        (MONDAY.replace(hour=7, minute=59, second=59, microsecond=999_999), MONDAY.replace(hour=8)),
        (MONDAY.replace(hour=8), MONDAY.replace(hour=8) + timedelta(days=1)),  # it is open: the next one is after
        (datetime(2026, 11, 23, 10, 59, tzinfo=UTC), datetime(2026, 11, 23, 11, tzinfo=UTC)),
        (datetime(2026, 11, 28, 2, 59, tzinfo=UTC), datetime(2026, 11, 30, 11, tzinfo=UTC)),  # still Friday there
        (MONDAY.replace(hour=20), MONDAY.replace(hour=8) + timedelta(days=1)),
        (MONDAY.replace(hour=20) + timedelta(days=4), MONDAY.replace(hour=8) + timedelta(days=7)),  # Friday to Monday
        (MONDAY.replace(hour=12) + timedelta(days=6), MONDAY.replace(hour=8) + timedelta(days=7)),  # Sunday
        (datetime(2026, 12, 31, 21, tzinfo=SAO_PAULO), datetime(2027, 1, 1, 8, tzinfo=SAO_PAULO)),
    ],
)
def test_the_next_opening_is(at, opening):
    assert HOURS.next_opening(at) == opening


@given(st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds it
def test_an_opening_is_after_and_open_and_nothing_before_it_was(at):
    opening = HOURS.next_opening(at)

    assert opening > at
    assert HOURS.is_open(opening)
    if not HOURS.is_open(at):
        assert not HOURS.is_open(opening - timedelta(microseconds=1))
        assert not any(HOURS.is_open(at + (opening - at) * part / 7) for part in range(7))


def test_midnight_may_be_the_end():
    always = BusinessHours.parse("mon-sun 00:00-24:00")

    assert always.is_open(MONDAY.replace(hour=23, minute=59, second=59, microsecond=999_999))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "always",
        "mon-fri",
        "fri-mon 08:00-20:00",
        "mon-fri 20:00-08:00",
        "mon-fri 8-20",
        "xyz 08:00-20:00",
        "mon-fri 08:00-25:00",
    ],
)
def test_what_is_no_hours_is_refused(text):
    with pytest.raises(InvalidHoursError, match="mon-fri 08:00-20:00"):
        BusinessHours.parse(text)


def test_midnight_may_close_the_day():
    always = BusinessHours.parse("mon-sun 00:00-24:00")

    assert always.is_open(MONDAY)
    assert always.is_open(MONDAY - timedelta(microseconds=1))


def test_a_single_day_may_be_open():
    only_tuesday = BusinessHours.parse("tue 09:00-12:00")

    assert only_tuesday.next_opening(MONDAY + timedelta(days=1, hours=12)) == MONDAY + timedelta(days=8, hours=9)


@pytest.mark.parametrize(
    ("whose", "day", "is_open"),
    [
        ("", datetime(2026, 12, 25, 12, tzinfo=SAO_PAULO), True),  # Christmas is a Friday; none are kept by default
        ("BR", datetime(2026, 12, 25, 12, tzinfo=SAO_PAULO), False),
        ("br-sp", datetime(2026, 7, 9, 12, tzinfo=SAO_PAULO), False),  # of São Paulo only
        ("BR", datetime(2026, 7, 9, 12, tzinfo=SAO_PAULO), True),
        ("BR", datetime(2026, 12, 24, 12, tzinfo=SAO_PAULO), True),
        ("BR", datetime(2026, 12, 26, 2, tzinfo=UTC), False),  # still Christmas there
    ],
)
def test_holidays_are_closed_where_they_are_configured(whose, day, is_open):
    hours = BusinessHours.parse("mon-fri 08:00-20:00", closed_on=parse_holidays(whose))

    assert hours.is_open(day) is is_open


def test_the_next_opening_is_after_the_holiday():
    hours = BusinessHours.parse("mon-fri 08:00-20:00", closed_on=parse_holidays("BR"))

    # From Thursday's closing over Christmas, a Friday, and the weekend to Monday.
    assert hours.next_opening(datetime(2026, 12, 24, 20, tzinfo=SAO_PAULO)) == datetime(
        2026, 12, 28, 8, tzinfo=SAO_PAULO
    )
    # Open on Fridays only: Christmas and New Year's Day are both one.
    fridays = BusinessHours.parse("fri 08:00-20:00", closed_on=parse_holidays("BR"))
    assert fridays.next_opening(datetime(2026, 12, 24, tzinfo=SAO_PAULO)) == datetime(2027, 1, 8, 8, tzinfo=SAO_PAULO)


@pytest.mark.parametrize("whose", ["XX", "BR-XX", "Brasil"])
def test_holidays_of_nowhere_are_refused(whose):
    with pytest.raises(InvalidHoursError, match="BR-SP"):
        parse_holidays(whose)
