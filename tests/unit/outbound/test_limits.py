"""Limits as operators write them, and when a full window frees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from outbound.guardrails.limits import InvalidLimitError, Limit, Usage, parse_limit, parse_limits

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "count", "window"),
    [
        ("20/hour", 20, timedelta(hours=1)),
        ("100/day", 100, timedelta(days=1)),
        ("5/7d", 5, timedelta(days=7)),
        ("3/90min", 3, timedelta(minutes=90)),
    ],
)
def test_a_limit_reads(text, count, window):
    assert parse_limit(text) == Limit(count=count, window=window)


def test_several_limits_hold_at_once():
    assert [limit.count for limit in parse_limits("20/hour, 100/day")] == [20, 100]


@pytest.mark.parametrize(
    "text", ["", "20", "0/hour", "20/0d", "-1/day", "20/fortnight", "20/hour;100/day", "20/00d", "20/hour,"]
)
def test_what_is_no_limit_is_refused(text):
    with pytest.raises(InvalidLimitError, match="20/hour"):
        parse_limits(text)


def test_a_window_frees_when_its_oldest_leaves_it():
    usage = Usage(limit=parse_limit("2/hour"), used=1, oldest_at=NOW - timedelta(minutes=50))
    assert not usage.is_full

    full = usage.and_more(1, NOW)

    assert full.is_full
    assert full.frees_at(NOW) == NOW + timedelta(minutes=10)


def test_one_less_than_the_limit_is_not_full():
    usage = Usage(limit=parse_limit("20/hour"), used=19, oldest_at=NOW)

    assert not usage.is_full
    assert usage.and_more(1, NOW).is_full


def test_nothing_more_changes_nothing():
    usage = Usage(limit=parse_limit("20/hour"), used=0, oldest_at=None)

    assert usage.and_more(0, NOW) == usage


def test_a_window_filled_at_once_frees_after_its_whole_length():
    usage = Usage(limit=parse_limit("2/hour"), used=0, oldest_at=None).and_more(2, NOW)

    assert usage.frees_at(NOW) == NOW + timedelta(hours=1)
