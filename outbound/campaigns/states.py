"""Where a campaign may go from where it stands: `draft → scheduled → running → paused → done | cancelled`."""

from __future__ import annotations

from enum import StrEnum

from outbound.methods import CampaignState

DRAFT, SCHEDULED, RUNNING, PAUSED, DONE, CANCELLED = CampaignState


class Move(StrEnum):
    """What can be done with a campaign."""

    SCHEDULE = "schedule"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    CANCEL = "cancel"


# A scheduled one is paused when at its time it may not start; it ends as done when its window passed meanwhile.
MOVES: dict[Move, tuple[frozenset[CampaignState], CampaignState]] = {
    Move.SCHEDULE: (frozenset({DRAFT}), SCHEDULED),
    Move.START: (frozenset({DRAFT, SCHEDULED}), RUNNING),
    Move.PAUSE: (frozenset({SCHEDULED, RUNNING}), PAUSED),
    Move.RESUME: (frozenset({PAUSED}), RUNNING),
    Move.FINISH: (frozenset({SCHEDULED, RUNNING, PAUSED}), DONE),
    Move.CANCEL: (frozenset({DRAFT, SCHEDULED, RUNNING, PAUSED}), CANCELLED),
}


class ImpossibleMoveError(Exception):
    """A campaign that stands at `state` cannot make the `move`."""

    def __init__(self, state: CampaignState, move: Move) -> None:
        super().__init__(f"A campaign that is {state} cannot {move}.")
        self.state = state
        self.move = move


def after(state: CampaignState, move: Move) -> CampaignState:
    """Where a move leads.

    Raises:
        ImpossibleMoveError: when it cannot be made from there.
    """
    from_, to = MOVES[move]
    if state not in from_:
        raise ImpossibleMoveError(state, move)
    return to


def possible(state: CampaignState) -> list[Move]:
    """The moves that can be made from a state."""
    return [move for move, (from_, _to) in MOVES.items() if state in from_]
