from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.states import ACTIVE, TRANSITIONS, UNDECIDED, VAGA_AFTER, HandoffStatus, may_become
from handoff.steps import FOLLOWUPS, Step, followup_due

STATUSES = st.sampled_from(list(HandoffStatus))
ENDED = [HandoffStatus.CONFIRMED, HandoffStatus.NOT_CONFIRMED, HandoffStatus.EXPIRED]


def test_a_bridge_is_active_while_it_waits_for_the_divulgador():
    assert {"pending", "contacted"} == ACTIVE
    assert {"pending", "contacted", "manual_required"} == UNDECIDED


@pytest.mark.parametrize(
    ("before", "after", "may"),
    [
        ("pending", "contacted", True),
        ("contacted", "confirmed", True),
        ("contacted", "not_confirmed", True),
        ("contacted", "expired", True),
        ("pending", "manual_required", True),
        ("manual_required", "confirmed", True),
        ("confirmed", "not_confirmed", True),  # reverted
        ("contacted", "pending", False),
        ("not_confirmed", "confirmed", False),
        ("expired", "confirmed", False),
        ("confirmed", "expired", False),
        ("confirmed", "contacted", False),
        ("manual_required", "contacted", False),
    ],
)
def test_a_bridge_changes_along_its_arrows(before, after, may):
    assert may_become(HandoffStatus(before), HandoffStatus(after)) is may


def test_every_undecided_bridge_can_end_in_every_way_and_every_end_moves_the_vaga():
    assert all(may_become(status, end) for status in UNDECIDED for end in ENDED)
    assert VAGA_AFTER == {"confirmed": "fechada", "not_confirmed": "aberta", "expired": "aberta"}
    assert set(TRANSITIONS) == set(HandoffStatus)


@given(st.lists(STATUSES, max_size=20))
def test_however_it_goes_a_bridge_never_turns_round(wanted):
    at, path = HandoffStatus.PENDING, [HandoffStatus.PENDING]
    for status in wanted:
        if may_become(at, status):
            at = status
            path.append(at)

    assert len(path) == len(set(path))


@pytest.mark.parametrize(
    ("elapsed", "step"),
    [
        (timedelta(0), None),
        (timedelta(hours=2) - timedelta(microseconds=1), None),
        (timedelta(hours=2), Step.FOLLOWUP_2H),
        (timedelta(hours=24) - timedelta(microseconds=1), Step.FOLLOWUP_2H),
        (timedelta(hours=24), Step.FOLLOWUP_24H),
        (timedelta(hours=36) - timedelta(microseconds=1), Step.FOLLOWUP_24H),
        (timedelta(hours=36), Step.FOLLOWUP_36H),
        (timedelta(hours=48) - timedelta(microseconds=1), Step.FOLLOWUP_36H),
        (timedelta(hours=48), None),
        (timedelta(days=30), None),
    ],
)
def test_each_follow_up_has_its_turn(elapsed, step):
    due = followup_due(elapsed)

    assert (due.step if due else None) == step


def test_the_turns_follow_one_another_without_a_gap():
    assert [followup.due for followup in FOLLOWUPS[1:]] == [followup.until for followup in FOLLOWUPS[:-1]]
