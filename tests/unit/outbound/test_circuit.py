"""'Circuit breaker: 5 falhas → abre, 60s reset' (go/no-go document, Fase A), and a wait that doubles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from outbound.circuit import CLOSED, Circuit, after_failure

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def failing(times: int, circuit: Circuit = CLOSED) -> Circuit:
    for _ in range(times):
        circuit = after_failure(circuit, now=NOW)
    return circuit


def test_four_failures_leave_it_closed():
    assert not failing(4).is_tripped
    assert failing(4).open_until is None


def test_the_fifth_failure_in_a_row_opens_it_for_sixty_seconds():
    circuit = failing(5)

    assert circuit.open_until == NOW + timedelta(seconds=60)
    assert circuit.is_open(NOW + timedelta(seconds=59, microseconds=999_999))
    assert not circuit.is_open(NOW + timedelta(seconds=60))
    assert circuit.is_tripped


def test_failures_that_began_before_it_opened_change_nothing():
    assert failing(9) == failing(5)


def test_a_success_between_failures_starts_the_count_again():
    assert failing(1, failing(4)).is_tripped

    # A success stores CLOSED.
    assert not failing(4, CLOSED).is_tripped


def test_after_a_successful_probe_it_takes_five_failures_and_sixty_seconds_again():
    assert failing(4, CLOSED).open_until is None
    assert failing(5, CLOSED).open_until == NOW + timedelta(seconds=60)


def test_a_late_failure_does_not_lengthen_the_wait():
    opened = failing(5)

    late = after_failure(opened, now=NOW + timedelta(seconds=59, microseconds=999_999))

    assert late == opened


def test_a_probe_that_failed_long_after_the_opening_counts_from_its_own_moment():
    at = NOW + timedelta(hours=5)

    assert after_failure(failing(5), now=at).open_until == at + timedelta(seconds=120)


def test_each_failed_probe_doubles_the_wait_up_to_thirty_minutes():
    circuit, at, waits = failing(5), NOW, []
    for _ in range(7):
        assert circuit.open_until
        waits.append((circuit.open_until - at).total_seconds())
        at = circuit.open_until
        circuit = after_failure(circuit, now=at)

    assert waits == [60, 120, 240, 480, 960, 1800, 1800]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4000)), max_size=60))
def test_whatever_happens_the_wait_has_its_bounds(history):
    circuit, now = CLOSED, NOW
    for succeeded, seconds in history:
        now += timedelta(seconds=seconds)
        circuit = CLOSED if succeeded else after_failure(circuit, now=now)
        if circuit.is_open(now):
            assert circuit.open_until
            assert circuit.open_until - now <= timedelta(minutes=30)
