"""The daily summary: at 09:00 in São Paulo, once a day whatever happens, with the trend against the day before."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from canary import daily_summary, events
from canary.daily_summary import NotToldError
from canary.event_types import EventType
from canary.models import DailySummary

DAY = date(2026, 3, 3)
NINE = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def utc(year: int, month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.fixture
def told(monkeypatch) -> list[str]:
    """What people hear."""
    heard: list[str] = []
    monkeypatch.setattr(daily_summary, "_listeners", [heard.append])
    return heard


def record(type_: EventType, *, at: datetime, times: int = 1, **props: str) -> None:
    event = events.Event(type=type_, at=at, source="test", cliente_id=uuid4(), props=props)
    with transaction.atomic():
        events.emit([event] * times)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (utc(2026, 3, 3, 11, 59, 59), None),  # 08:59:59
        (utc(2026, 3, 3, 12, 0), DAY),  # 09:00
        (utc(2026, 3, 4, 0, 30), DAY),  # UTC's midnight is over, São Paulo's is not
        (utc(2026, 3, 4, 3, 0), None),  # 00:00 of the next day
        (utc(2027, 1, 1, 2, 59), date(2026, 12, 31)),  # the year's last minutes
        (utc(2027, 1, 1, 12, 0), date(2027, 1, 1)),
        (utc(2018, 11, 4, 10, 59), None),  # summer time began that night: 09:00 is 11:00 UTC
        (utc(2018, 11, 4, 11, 0), date(2018, 11, 4)),
        (utc(2018, 2, 18, 11, 59), None),  # summer time ended that night: 09:00 is 12:00 UTC
        (utc(2018, 2, 18, 12, 0), date(2018, 2, 18)),
    ],
)
def test_the_day_is_due_from_nine_until_midnight(now, day):
    assert daily_summary.due(now) == day


@pytest.mark.parametrize(
    ("day", "since", "until", "hours"),
    [
        (DAY, utc(2026, 3, 2, 12), utc(2026, 3, 3, 12), 24),
        (date(2027, 1, 1), utc(2026, 12, 31, 12), utc(2027, 1, 1, 12), 24),
        (date(2018, 11, 4), utc(2018, 11, 3, 12), utc(2018, 11, 4, 11), 23),
        (date(2018, 2, 18), utc(2018, 2, 17, 11), utc(2018, 2, 18, 12), 25),
    ],
)
def test_a_day_goes_from_nine_to_nine_whatever_the_clock_does(day, since, until, hours):
    window = daily_summary.window_of(day)

    assert (window.since, window.until) == (since, until)
    assert window.until.astimezone(UTC) - window.since.astimezone(UTC) == timedelta(hours=hours)


def test_the_days_meet_and_never_overlap_over_a_change_of_the_clock():
    days = [date(2018, 10, 30) + timedelta(days=n) for n in range(120)]

    windows = [daily_summary.window_of(day) for day in days]

    assert [window.since for window in windows[1:]] == [window.until for window in windows[:-1]]


def test_nobody_is_told_before_nine(transactional_db, told):
    assert not daily_summary.tell(now=NINE - timedelta(seconds=1))
    assert daily_summary.tell(now=NINE)

    assert len(told) == 1


def test_the_same_day_is_told_of_once(transactional_db, told):
    assert daily_summary.tell(now=NINE)

    assert not daily_summary.tell(now=NINE + timedelta(minutes=1))
    assert daily_summary.tell(now=NINE + timedelta(days=1))

    assert len(told) == 2


def test_crons_that_ask_at_once_tell_once(transactional_db, told):
    together = threading.Barrier(4)
    answers: list[bool] = []

    def tell() -> None:
        try:
            together.wait(timeout=20)
            answers.append(daily_summary.tell(now=NINE))
        finally:
            connection.close()

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(answers) == [False, False, False, True]
    assert len(told) == 1


def test_what_surely_nobody_heard_is_told_again(transactional_db, told, monkeypatch):
    def deaf(_text: str) -> None:
        raise NotToldError("channel_not_found")

    monkeypatch.setattr(daily_summary, "_listeners", [deaf])
    with pytest.raises(NotToldError):
        daily_summary.tell(now=NINE)
    assert not DailySummary.objects.exists()

    monkeypatch.setattr(daily_summary, "_listeners", [told.append])
    assert daily_summary.tell(now=NINE + timedelta(minutes=1))

    assert len(told) == 1


def test_the_summary_compares_with_the_day_before(transactional_db, told):
    record(EventType.OUTBOUND_SENT, at=NINE - timedelta(hours=30), times=200)
    record(EventType.OUTBOUND_SENT, at=NINE - timedelta(hours=1), times=300)
    record(EventType.OUTBOUND_BLOCKED, at=NINE - timedelta(hours=1), times=100, block_reason="provider_error")
    record(EventType.OUTBOUND_BLOCKED, at=NINE, times=7, block_reason="opted_out")  # belongs to tomorrow's

    daily_summary.tell(now=NINE + timedelta(minutes=1))

    (text,) = told
    assert "*Saúde da Julia, 03/03/2026* :red_circle: ALERTA" in text
    assert ":x: `provider_error_rate` 25.00% (100/400) (&lt; 1%) ▲ [0.00% (0/200)]" in text
    assert ":white_check_mark: `duplicates` 0 (= 0) = [0]" in text
    assert "• `outbound_sent` 300 ▲ [200]" in text
    assert "• `outbound_blocked` 100 ▲ [0]" in text
    assert "*O que fazer* provider_error_rate: Não escalar até estabilizar" in text


def test_a_quieter_day_points_down(transactional_db, told):
    record(EventType.OUTBOUND_SENT, at=NINE - timedelta(hours=30), times=3)

    daily_summary.tell(now=NINE)

    assert "• `outbound_sent` 0 ▼ [3]" in told[0]
