"""What a sent message's event tells of its wait: no digits of it pass for a phone, which would refuse the event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from canary import personal_data
from outbound.message_events import wait_s

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=3650)))
def test_no_wait_is_taken_for_personal_data(waited):
    personal_data.refuse({"attempts": 1, "waited_s": wait_s(since=NOW, until=NOW + waited)})


def test_a_wait_is_told_to_the_millisecond():
    assert wait_s(since=NOW, until=NOW + timedelta(seconds=2, microseconds=345_678)) == 2.346


def test_clocks_that_disagree_make_no_wait_below_zero():
    assert wait_s(since=NOW, until=NOW - timedelta(seconds=3)) == 0.0


def test_a_long_wait_is_told_to_the_second_and_the_longest_as_the_longest_there_is():
    assert wait_s(since=NOW, until=NOW + timedelta(hours=1, milliseconds=1_600)) == 3602.0
    assert wait_s(since=NOW, until=NOW + timedelta(days=400)) == 9_999_999.0
