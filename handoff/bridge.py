"""The life of a bridge: every change of it is one transaction with its vaga, its event, its messages and its notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from canary.event_types import EventType
from handoff import messages
from handoff.models import ExternalHandoff
from handoff.states import UNDECIDED, Decision, HandoffStatus, Via, may_become
from handoff.steps import FollowUp
from handoff.transitions import ImpossibleChangeError, leave_to_person, lock, move, record, require_responsibility

CLOCK = "clock"

EVENTS = {
    HandoffStatus.CONFIRMED: EventType.HANDOFF_CONFIRMED,
    HandoffStatus.NOT_CONFIRMED: EventType.HANDOFF_NOT_CONFIRMED,
    HandoffStatus.EXPIRED: EventType.HANDOFF_EXPIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a bridge stands after a decision; `is_new` says whether it was this one that counted."""

    status: HandoffStatus
    is_new: bool


def decide(*, handoff_id: UUID, decision: Decision, via: Via, actor: str, reason: str, now: datetime) -> Verdict:
    """Confirm a bridge or deny it, inside the caller's transaction; the first decision wins, and repeats learn of it.

    Whoever decides after the bridge's time, an operator apart, finds it expired.

    Raises:
        NoSuchHandoffError, OutsideTransactionError.
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    require_responsibility(actor, reason)
    handoff = lock(handoff_id)
    if handoff.status not in UNDECIDED:
        return Verdict(status=HandoffStatus(handoff.status), is_new=False)
    if now >= handoff.expires_at and via is not Via.OPERATOR:
        _end(handoff, HandoffStatus.EXPIRED, via=Via.CLOCK, actor=CLOCK, reason=CLOCK, now=now)
        return Verdict(status=HandoffStatus.EXPIRED, is_new=False)
    if via is Via.LINK:
        record(handoff, EventType.HANDOFF_CONFIRM_CLICKED, now=now, decision=decision)
    _end(handoff, decision.status, via=via, actor=actor, reason=reason, now=now)
    return Verdict(status=decision.status, is_new=True)


def expire(*, handoff_id: UUID, via: Via, actor: str, reason: str, now: datetime) -> Verdict:
    """End a bridge without a decision, inside the caller's transaction: by the clock, or before by an operator.

    A bridge that has ended, or whose time the clock has not come to yet, stays as it is.

    Raises:
        NoSuchHandoffError, OutsideTransactionError.
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    require_responsibility(actor, reason)
    handoff = lock(handoff_id)
    is_early = via is Via.CLOCK and now < handoff.expires_at
    if handoff.status not in UNDECIDED or is_early:
        return Verdict(status=HandoffStatus(handoff.status), is_new=False)
    _end(handoff, HandoffStatus.EXPIRED, via=via, actor=actor, reason=reason, now=now)
    return Verdict(status=HandoffStatus.EXPIRED, is_new=True)


def revert(*, handoff_id: UUID, actor: str, reason: str, now: datetime) -> None:
    """Take back a confirmation that was a mistake, inside the caller's transaction: the vaga opens, both are told.

    Raises:
        NoSuchHandoffError, OutsideTransactionError.
        ImpossibleChangeError: when the bridge is not confirmed.
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    require_responsibility(actor, reason)
    handoff = lock(handoff_id)
    if handoff.status != HandoffStatus.CONFIRMED:
        raise ImpossibleChangeError(HandoffStatus(handoff.status))
    messages.cancel_waiting(handoff, now=now)
    move(handoff, HandoffStatus.NOT_CONFIRMED, note=reason, ended_at=now, ended_via=Via.OPERATOR, ended_by=actor)
    record(
        handoff,
        EventType.HANDOFF_NOT_CONFIRMED,
        now=now,
        ended_via=Via.OPERATOR,
        actor_id=actor,
        reason=reason,
        reverted_from=HandoffStatus.CONFIRMED,
    )
    messages.tell_reversal(handoff, now=now)


def mark_contacted(*, handoff_id: UUID, at: datetime, now: datetime) -> bool:
    """Record that the request to the divulgador left `at`, inside the caller's transaction; False when it was known."""
    handoff = lock(handoff_id)
    if handoff.contacted_at:
        return False
    if handoff.status == HandoffStatus.PENDING:
        move(handoff, HandoffStatus.CONTACTED, contacted_at=at)
    else:
        # He answered, or somebody decided for him, before we looked.
        ExternalHandoff.objects.filter(pk=handoff_id).update(contacted_at=at)
    record(handoff, EventType.HANDOFF_CONTACTED, now=now)
    return True


def call_person(*, handoff_id: UUID, reason: str, now: datetime) -> bool:
    """Leave a bridge to a person, inside the caller's transaction: nothing more is sent, and operators are told.

    False when it is not active, or no longer.
    """
    handoff = lock(handoff_id)
    if not may_become(HandoffStatus(handoff.status), HandoffStatus.MANUAL_REQUIRED):
        return False
    messages.cancel_waiting(handoff, now=now)
    leave_to_person(handoff, reason=reason, now=now)
    return True


def follow_up(*, handoff_id: UUID, due: FollowUp, now: datetime) -> bool:
    """Ask the divulgador again, inside the caller's transaction; False when he was, or need not be any more."""
    handoff = lock(handoff_id)
    return handoff.status == HandoffStatus.CONTACTED and messages.follow_up(handoff, due, now=now)


def _end(handoff: ExternalHandoff, status: HandoffStatus, *, via: Via, actor: str, reason: str, now: datetime) -> None:
    """End a locked bridge: what waits is stopped first, then both are told."""
    messages.cancel_waiting(handoff, now=now)
    move(handoff, status, note=reason, ended_at=now, ended_via=via, ended_by=actor)
    props = {"ended_via": via, "actor_id": actor, "reason": reason}
    # Our word cannot reach a doctor who opted out: somebody has to call.
    record(handoff, EVENTS[status], now=now, needs_person=handoff.doctor.opted_out_at is not None, **props)
    messages.tell_outcome(handoff, now=now)
