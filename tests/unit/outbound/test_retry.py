"""'B2: Retry/backoff Evolution': three attempts, delays of 0.3 s and 1 s, ±20 %, and Retry-After honoured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbound.evolution.retry import ComeBackIn, GiveUp, RetryIn, after_attempt


@pytest.mark.parametrize(
    ("attempt", "chance", "delay_s"),
    [(1, 0.5, 0.3), (1, 0.0, 0.24), (2, 0.5, 1.0), (2, 0.0, 0.8), (2, 1.0, 1.2)],
)
def test_the_delays_are_the_documents(attempt, chance, delay_s):
    step = after_attempt(attempt=attempt, retry_after_s=None, chance=chance)

    assert isinstance(step, RetryIn)
    assert step.delay_s == pytest.approx(delay_s)


def test_there_is_no_fourth_attempt():
    assert isinstance(after_attempt(attempt=3, retry_after_s=None, chance=0.5), GiveUp)


@pytest.mark.parametrize(("retry_after_s", "delay_s"), [(0, 0.3), (2, 2), (5, 5)])
def test_retry_after_is_never_undercut(retry_after_s, delay_s):
    step = after_attempt(attempt=1, retry_after_s=retry_after_s, chance=0.5)

    assert isinstance(step, RetryIn)
    assert step.delay_s == pytest.approx(delay_s)


def test_a_long_retry_after_is_waited_for_in_the_queue():
    assert after_attempt(attempt=1, retry_after_s=60, chance=0.5) == ComeBackIn(delay_s=60)


@given(st.integers(1, 2), st.floats(0, 1, exclude_max=True))
def test_the_jitter_stays_within_twenty_percent(attempt, chance):
    step = after_attempt(attempt=attempt, retry_after_s=None, chance=chance)

    assert isinstance(step, RetryIn)
    assert 0.8 <= step.delay_s / (0.3, 1.0)[attempt - 1] <= 1.2


@given(st.integers(1, 2), st.floats(0, 1, exclude_max=True), st.floats(0, 3600))
def test_no_jitter_undercuts_retry_after(attempt, chance, retry_after_s):
    step = after_attempt(attempt=attempt, retry_after_s=retry_after_s, chance=chance)

    assert isinstance(step, RetryIn | ComeBackIn)
    assert step.delay_s >= retry_after_s


@given(st.integers(3, 9), st.none() | st.floats(0, 3600))
def test_after_the_third_attempt_nothing_brings_another(attempt, retry_after_s):
    assert isinstance(after_attempt(attempt=attempt, retry_after_s=retry_after_s, chance=0.5), GiveUp)
