"""draft → scheduled → running → paused → done | cancelled, and no other way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbound.campaigns.states import ImpossibleMoveError, Move, after, possible
from outbound.methods import CampaignState

MOVES = st.sampled_from(list(Move))
OVER = {CampaignState.DONE, CampaignState.CANCELLED}


@pytest.mark.parametrize(
    ("state", "moves"),
    [
        ("draft", {"schedule", "start", "cancel"}),
        ("scheduled", {"start", "pause", "finish", "cancel"}),
        ("running", {"pause", "finish", "cancel"}),
        ("paused", {"resume", "finish", "cancel"}),
        ("done", set()),
        ("cancelled", set()),
    ],
)
def test_each_state_has_its_moves(state: str, moves: set[str]) -> None:
    assert set(possible(CampaignState(state))) == moves


@given(st.lists(MOVES))
def test_what_is_over_stays_over_and_nobody_becomes_a_draft_again(moves: list[Move]) -> None:
    state = CampaignState.DRAFT
    for move in moves:
        if move not in possible(state):
            with pytest.raises(ImpossibleMoveError):
                after(state, move)
            continue
        to = after(state, move)
        assert state not in OVER
        assert to not in {CampaignState.DRAFT, state}
        state = to
