"""What evidence makes of a message in doubt: found, proved absent, or still unknown; never hope."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbound.evidence import Absent, Found, Unproved, weigh

BEGAN = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = BEGAN + timedelta(seconds=60)


def look(**changes):
    defaults = {
        "provider_message_id": None,
        "answered": True,
        "attempted_at": BEGAN,
        "absent_since": None,
        "now": LATER,
    }
    return weigh(**{**defaults, **changes})


def test_what_is_found_was_sent_whatever_else_is_said():
    assert look(provider_message_id="3EB0", answered=False) == Found(provider_message_id="3EB0")


def test_one_empty_answer_is_no_proof():
    assert look() == Unproved(absent_since=LATER, needs_person=False)


def test_two_empty_answers_ten_seconds_apart_are():
    first = LATER - timedelta(seconds=10)

    assert look(absent_since=first) == Absent()
    assert look(absent_since=first + timedelta(microseconds=1)) == Unproved(
        absent_since=first + timedelta(microseconds=1), needs_person=False
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"answered": False},  # a provider that does not answer, or is not connected
        {"now": BEGAN + timedelta(seconds=39)},  # the request may still be under way at the provider
    ],
)
def test_an_answer_that_does_not_count_starts_nothing(changes):
    assert look(**changes) == Unproved(absent_since=None, needs_person=False)


def test_an_unanswered_question_never_completes_a_proof():
    assert not isinstance(look(absent_since=BEGAN, answered=False), Absent)


def test_after_a_quarter_of_an_hour_a_person_is_called():
    verdict = look(answered=False, now=BEGAN + timedelta(minutes=15))

    assert verdict == Unproved(absent_since=None, needs_person=True)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 30)), max_size=40))
def test_absence_is_never_proved_sooner_than_the_rules_say(looks):
    now, absent_since, counted = BEGAN, None, []
    for answered, seconds in looks:
        now += timedelta(seconds=seconds)
        verdict = look(answered=answered, absent_since=absent_since, now=now)
        if answered and now - BEGAN >= timedelta(seconds=40):
            counted.append(now)
        if isinstance(verdict, Absent):
            assert counted[-1] - counted[0] >= timedelta(seconds=10)
            return
        assert isinstance(verdict, Unproved)
        absent_since = verdict.absent_since
