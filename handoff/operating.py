"""What an operator can do to a bridge, in the admin and in the terminal alike."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from handoff import bridge
from handoff.states import Decision, Via
from handoff.transitions import ImpossibleChangeError


class Order(StrEnum):
    """What a person can order."""

    EXPIRE = "expire"
    REVERT = "revert"
    CONFIRM = "confirm"
    REFUSE = "refuse"


DECISIONS = {Order.CONFIRM: Decision.CONFIRMED, Order.REFUSE: Decision.NOT_CONFIRMED}


def carry_out(order: Order, *, handoff_id: UUID, actor: str, reason: str, now: datetime) -> None:
    """Do as ordered, inside the caller's transaction.

    Raises:
        NoSuchHandoffError, OutsideTransactionError.
        ImpossibleChangeError: when the bridge does not stand where this begins, somebody else having decided it.
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    if order is Order.REVERT:
        bridge.revert(handoff_id=handoff_id, actor=actor, reason=reason, now=now)
        return
    if order is Order.EXPIRE:
        verdict = bridge.expire(handoff_id=handoff_id, via=Via.OPERATOR, actor=actor, reason=reason, now=now)
    else:
        verdict = bridge.decide(
            handoff_id=handoff_id, decision=DECISIONS[order], via=Via.OPERATOR, actor=actor, reason=reason, now=now
        )
    if not verdict.is_new:
        raise ImpossibleChangeError(verdict.status)
