"""What the system does by itself: the document's table, and what holds for every combination of violations."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canary import phases
from canary.flag_values import Flags
from canary.incident_kinds import IncidentKind
from canary.reactions import Action, HoldPromotion, PauseJulia, RollBack, Violation, react

FLAGS = Flags(julia_enabled=True, campaigns_enabled=True, safe_mode=False, canary_pct=50)


def new(kind: str) -> Violation:
    return Violation(kind=kind, is_new=True)


# One row a situation of the document: what is violated, and what is done about it, in this order.
ROWS = [
    ("outbound_to_opted_out", [PauseJulia, RollBack, HoldPromotion]),
    ("duplicates", [PauseJulia, HoldPromotion]),
    ("circuit_open", [HoldPromotion]),
    ("provider_error_rate", [HoldPromotion]),
    ("outbound_fallback", [HoldPromotion]),
    ("invalid_reply", [HoldPromotion]),
]


@pytest.mark.parametrize(("kind", "actions"), ROWS)
def test_the_document_says_what_is_done(kind, actions):
    assert [type(action) for action in react([new(kind)], flags=FLAGS)] == actions
    assert react([], flags=FLAGS) == []


@pytest.mark.parametrize(
    ("pct", "lower"), [(100, 50), (50, 25), (25, 10), (10, 0), (30, 25), (9, 0), (1, 0), (99, 50), (11, 10)]
)
def test_a_leak_rolls_back_one_phase(pct, lower):
    assert phases.below(pct) == lower
    actions = react([new("outbound_to_opted_out")], flags=replace(FLAGS, canary_pct=pct))
    assert RollBack(because="outbound_to_opted_out", to_pct=lower) in actions


def test_below_nobody_there_is_nothing_to_roll_back_to():
    actions = react([new("outbound_to_opted_out")], flags=replace(FLAGS, canary_pct=0))

    assert [type(action) for action in actions] == [PauseJulia, HoldPromotion]


def test_a_julia_whom_somebody_resumed_is_not_paused_again_for_old_evidence():
    known = Violation(kind="duplicates", is_new=False)

    assert react([known], flags=FLAGS) == []
    assert PauseJulia(because="duplicates") in react([replace(known, has_grown=True)], flags=FLAGS)


def test_what_was_in_flight_when_julia_was_paused_is_no_reason_to_shrink_further():
    grown = Violation(kind="outbound_to_opted_out", is_new=False, has_grown=True)

    assert react([grown], flags=replace(FLAGS, julia_enabled=False)) == []
    assert react([grown], flags=FLAGS) != []


KINDS = st.one_of(st.sampled_from([*IncidentKind]), st.text(max_size=8))
VIOLATIONS = st.builds(Violation, kind=KINDS, is_new=st.booleans(), has_grown=st.booleans())
ANY_FLAGS = st.builds(
    Flags,
    julia_enabled=st.booleans(),
    campaigns_enabled=st.booleans(),
    safe_mode=st.booleans(),
    canary_pct=st.integers(0, 100),
    handoff_enabled=st.booleans(),
    handoff_pct=st.integers(0, 100),
)


def after(actions: list[Action], flags: Flags) -> Flags:
    """The switches once the actions are done."""
    for action in actions:
        if isinstance(action, PauseJulia):
            flags = replace(flags, julia_enabled=False)
        elif isinstance(action, RollBack):
            flags = replace(flags, canary_pct=action.to_pct)
    return flags


@given(violations=st.lists(VIOLATIONS, max_size=6), flags=ANY_FLAGS)
def test_no_action_ever_switches_anything_on(violations, flags):
    then = after(react(violations, flags=flags), flags)

    assert then.julia_enabled <= flags.julia_enabled
    assert then.canary_pct <= flags.canary_pct
    assert replace(then, julia_enabled=flags.julia_enabled, canary_pct=flags.canary_pct) == flags


@given(violations=st.lists(VIOLATIONS, max_size=6), one_more=VIOLATIONS, place=st.integers(0, 6), flags=ANY_FLAGS)
def test_more_violations_never_mean_fewer_actions(violations, one_more, place, flags):
    fewer = react(violations, flags=flags)
    more = react([*violations[:place], one_more, *violations[place:]], flags=flags)

    assert len(more) >= len(fewer)
    assert {type(action) for action in fewer} <= {type(action) for action in more}
    then, before = after(more, flags), after(fewer, flags)
    assert then.julia_enabled <= before.julia_enabled
    assert then.canary_pct <= before.canary_pct


@given(violations=st.lists(VIOLATIONS, max_size=6), flags=ANY_FLAGS)
def test_stopping_comes_before_shrinking(violations, flags):
    types = [type(action) for action in react(violations, flags=flags)]

    # Switches are locked in the order of their keys, as claims do: julia, then outbound_canary.
    assert types == sorted(types, key=[PauseJulia, RollBack, HoldPromotion].index)
