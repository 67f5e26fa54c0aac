"""Where a bridge and its vaga stand, and which changes there are; the words are spec/domain.md's."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

# The links work, and the bridge stands open, for as long (spec/domain.md, The bridge, steps 3 and 4).
LIFE = timedelta(hours=48)


class VagaStatus(StrEnum):
    OPEN = "aberta"
    RESERVED = "reservada"
    CLOSED = "fechada"


class HandoffStatus(StrEnum):
    PENDING = "pending"
    CONTACTED = "contacted"
    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"
    EXPIRED = "expired"
    MANUAL_REQUIRED = "manual_required"


class Decision(StrEnum):
    """What a divulgador, or an operator for him, can say of a bridge."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"

    @property
    def status(self) -> HandoffStatus:
        return HandoffStatus(self)


class Via(StrEnum):
    """How a bridge came to its end."""

    LINK = "link"
    KEYWORD = "keyword"
    OPERATOR = "operator"
    CLOCK = "clock"


# Of these there is one for a vaga, held by the database.
ACTIVE = frozenset({HandoffStatus.PENDING, HandoffStatus.CONTACTED})
# These still wait for a decision, and keep the vaga reserved.
UNDECIDED = ACTIVE | {HandoffStatus.MANUAL_REQUIRED}

_ENDS = frozenset({HandoffStatus.CONFIRMED, HandoffStatus.NOT_CONFIRMED, HandoffStatus.EXPIRED})
TRANSITIONS: dict[HandoffStatus, frozenset[HandoffStatus]] = {
    HandoffStatus.PENDING: _ENDS | {HandoffStatus.CONTACTED, HandoffStatus.MANUAL_REQUIRED},
    HandoffStatus.CONTACTED: _ENDS | {HandoffStatus.MANUAL_REQUIRED},
    HandoffStatus.MANUAL_REQUIRED: _ENDS,
    # An operator takes back a confirmation that was a mistake; nothing else is ever taken back.
    HandoffStatus.CONFIRMED: frozenset({HandoffStatus.NOT_CONFIRMED}),
    HandoffStatus.NOT_CONFIRMED: frozenset(),
    HandoffStatus.EXPIRED: frozenset(),
}

VAGA_AFTER = {
    HandoffStatus.CONFIRMED: VagaStatus.CLOSED,
    HandoffStatus.NOT_CONFIRMED: VagaStatus.OPEN,
    HandoffStatus.EXPIRED: VagaStatus.OPEN,
}


def may_become(before: HandoffStatus, after: HandoffStatus) -> bool:
    """Whether a bridge may go from one status to the other."""
    return after in TRANSITIONS[before]
