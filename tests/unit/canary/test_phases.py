"""The document's phases, their windows and limits, and where one goes from between two of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canary import phases


def test_the_phases_are_the_documents():
    table = [(phase.code, phase.pct, phase.stable_for) for phase in phases.PHASES]

    assert table == [
        ("A", 10, timedelta(hours=24)),
        ("B", 25, timedelta(hours=24)),
        ("C", 50, timedelta(hours=48)),
        ("D", 100, timedelta(days=7)),
    ]


@pytest.mark.parametrize(
    ("pct", "at", "above", "below"),
    [
        (0, None, "A", 0),
        (5, None, "A", 0),  # rolled back below A: it climbs through A again
        (10, "A", "B", 0),
        (11, "A", "B", 10),
        (25, "B", "C", 10),
        (49, "B", "C", 25),
        (50, "C", "D", 25),
        (60, "C", "D", 50),
        (100, "D", None, 50),
    ],
)
def test_where_a_percentage_stands(pct, at, above, below):
    here, up = phases.at(pct), phases.next_above(pct)

    assert (here and here.code, up and up.code, phases.below(pct)) == (at, above, below)


@given(st.integers(0, 100))
def test_growing_goes_up_one_phase_and_rolling_back_goes_down(pct):
    above = phases.next_above(pct)

    assert above is None or above.pct > pct
    assert sum(pct < phase.pct < (above.pct if above else 101) for phase in phases.PHASES) == 0
    assert phases.below(pct) < max(pct, 1)


def test_a_phase_needs_what_all_below_it_need():
    needed = [set(phases.prerequisites_of(phase)) for phase in phases.PHASES]

    assert needed[0] < needed[1] < needed[2] <= needed[3]
    assert {"retry_in_force", "campaign_switch_drilled"} <= needed[1]
    assert {"dedupe_constraint", "no_duplicates"} <= needed[2] - needed[1]
    assert phases.D.drills == ("kill_switch_julia", "kill_switch_campaigns", "rollback_canary", "bypass")


@pytest.mark.parametrize("pct", [0, 5, 10, 24])
def test_campaigns_are_small_and_short_in_phase_a_and_below(pct):
    limits = phases.limits_at(pct)

    assert limits.most_recipients == 100
    assert limits.longest_window == timedelta(hours=2)


@pytest.mark.parametrize("pct", [25, 50, 100])
def test_later_phases_do_not_limit_campaigns(pct):
    assert phases.limits_at(pct) == phases.Limits()
