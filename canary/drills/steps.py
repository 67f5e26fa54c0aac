"""What happens in a drill, and how one may end without passing."""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """What a line of a drill's evidence says."""

    SWITCHED = "switched"
    QUEUED = "queued"
    STOPPED = "stopped"
    PASSED_THROUGH = "passed_through"
    NOTHING_LEFT = "nothing_left"
    PUT_BACK = "put_back"
    LEFT_ALONE = "left_alone"
    SENT = "sent"
    REFUSED = "refused"
    BYPASSED = "bypassed"
    FAILED = "failed"
    IMPOSSIBLE = "impossible"
    TAKEN_OVER = "taken_over"
    INTERRUPTED = "interrupted"
    CUT_OFF = "cut_off"


class DrillError(RuntimeError):
    """A drill did not pass; the message says why, to people."""


class DrillFailedError(DrillError):
    """Something did not stop, or did not go on: the playbook cannot be relied on."""


class DrillImpossibleError(DrillError):
    """Nothing was switched: as things stand, the drill could not tell what it is about."""


class TakenOverError(DrillError):
    """Somebody else said how the switch shall stand, or ended the drill: it proves nothing, and has let go."""


class ToldToStopError(DrillError):
    """The drill was told to stop, and has put back what it had turned."""


class DrillRunningError(DrillError):
    """Another drill is running: one at a time, as each would be taken for the other's effect."""
