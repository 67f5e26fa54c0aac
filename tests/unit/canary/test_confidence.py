"""'1 error in 40 sends is not "under 1 %", nor is 0 in 10 proof of it' (issue 4, item 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canary.confidence import clean_attempts_needed, wilson_upper


@pytest.mark.parametrize(
    ("errors", "attempts", "expected"),
    [
        # Worked out without Wilson's formula: the rate at which the score test's statistic is 1.644854, by bisection.
        (0, 10, 0.212942),
        (1, 40, 0.104589),
        (0, 50, 0.051333),
        (0, 267, 0.010031),
        (0, 268, 0.009994),
        (1, 100, 0.043582),
        (1, 480, 0.009283),
        (5, 1000, 0.010235),
        (20, 5000, 0.005760),
    ],
)
def test_the_bound_is_wilsons(errors, attempts, expected):
    assert wilson_upper(errors=errors, attempts=attempts) == pytest.approx(expected, abs=1e-6)


def test_of_nothing_nothing_is_known():
    assert wilson_upper(errors=0, attempts=0) == 1.0


def test_the_bound_of_nothing_but_errors_is_one():
    assert wilson_upper(errors=7, attempts=7) == 1.0


@pytest.mark.parametrize(("errors", "attempts"), [(2, 1), (-1, 5), (0, -1)])
def test_impossible_counts_are_refused(errors, attempts):
    with pytest.raises(ValueError, match="cannot be"):
        wilson_upper(errors=errors, attempts=attempts)


@pytest.mark.parametrize(
    ("errors", "attempts", "needed"),
    [(0, 0, 268), (0, 268, 0), (0, 267, 1), (1, 400, 46), (1, 446, 0), (2, 2, 600), (5, 24, 1000)],
)
def test_how_many_more_without_an_error_it_takes(errors, attempts, needed):
    assert clean_attempts_needed(errors=errors, attempts=attempts, limit=0.01) == needed


counts = st.tuples(st.integers(0, 200), st.integers(1, 5000)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@given(counts)
def test_an_error_more_raises_the_bound_and_a_success_lowers_it(pair):
    errors, attempts = pair
    bound = wilson_upper(errors=errors, attempts=attempts)

    assert bound > errors / attempts
    assert wilson_upper(errors=errors + 1, attempts=attempts + 1) >= bound
    assert wilson_upper(errors=errors, attempts=attempts + 1) <= bound
