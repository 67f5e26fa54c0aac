"""Settling: what the provider's answers make of messages, senders and events, in one transaction for a batch.

Two round trips: lock what the claims still hold, then write. A claim that lost a message changes nothing of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from canary import events
from canary.event_types import EventType
from outbound import circuit, senders
from outbound.circuit import Circuit
from outbound.claims import ClaimedMessage, Return, expiry, put_back
from outbound.evolution.outcomes import (
    PROVIDER_ERROR,
    Ambiguous,
    NotSent,
    Outcome,
    Refused,
    SenderRefused,
    Sent,
    TooLate,
)
from outbound.guardrails.decision import Reason
from outbound.message_events import message_event, wait_s
from outbound.methods import Status
from outbound.models import Sender
from outbound.pipelines import transaction_in_pipeline

_QUERIES = Path(__file__).parent / "queries"
LOCK_CLAIMED = (_QUERIES / "lock_claimed.sql").read_text(encoding="utf-8")
SETTLE = (_QUERIES / "settle.sql").read_text(encoding="utf-8")
MAY_HAVE_LEFT = frozenset({Status.SENT, Status.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What came of one message after `attempts` requests, the last of them begun at `attempted_at`.

    `come_back_in` returns it to the queue instead of giving it up.
    """

    message: ClaimedMessage
    outcome: Outcome
    attempts: int
    attempted_at: datetime
    come_back_in: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What is written of a message whose request was made."""

    settlement: Settlement
    status: Status
    reason: str | None = None
    error: str | None = None
    provider_message_id: str | None = None

    @property
    def message(self) -> ClaimedMessage:
        return self.settlement.message


def settle(settlements: Sequence[Settlement], *, now: datetime) -> None:
    """Write a batch of outcomes, in the order in which they came, in a transaction of its own."""
    with transaction_in_pipeline(), connection.cursor() as cursor:
        sender_ids = {item.message.sender_id for item in settlements}
        locked = Sender.objects.filter(pk__in=sender_ids).order_by("pk").select_for_update(no_key=True)
        claimed = [{"id": item.message.id, "claim_id": item.message.claim_id} for item in settlements]
        cursor.execute(LOCK_CLAIMED, {"claimed": json.dumps(claimed, default=str)})
        circuits = {sender.pk: sender.circuit for sender in locked}
        held = {row[0] for row in cursor.fetchall()}
        _write([item for item in settlements if item.message.id in held], circuits, now=now)


def _write(settlements: Sequence[Settlement], before: Mapping[UUID, Circuit], *, now: datetime) -> None:
    after = dict(before)
    written: list[Result | Return] = []
    for item in settlements:
        sender_id = item.message.sender_id
        written.append(_result(item, after[sender_id], now=now))
        after[sender_id] = _circuit_after(item.outcome, after[sender_id], now=now)
    results = [item for item in written if isinstance(item, Result)]
    _write_results(results)
    put_back([item for item in written if isinstance(item, Return)], now=now)
    events.emit([_event(result, now=now) for result in results])
    for sender_id, circuit_ in after.items():
        if circuit_ != before[sender_id]:
            _write_circuit(sender_id, before=before[sender_id], after=circuit_, now=now)
    for sender_id in {item.message.sender_id for item in written if item.status not in MAY_HAVE_LEFT}:
        senders.give_places_back(sender_id=sender_id, now=now)
    for item in settlements:
        if isinstance(item.outcome, SenderRefused):
            senders.stop(sender_id=item.message.sender_id, reason=item.outcome.error, now=now)


def _result(item: Settlement, circuit_: Circuit, *, now: datetime) -> Result | Return:
    match item.outcome:
        case Sent(provider_message_id=provider_message_id):
            return Result(settlement=item, status=Status.SENT, provider_message_id=provider_message_id)
        case Ambiguous(reason=reason, error=error):
            return Result(settlement=item, status=Status.UNKNOWN, reason=reason, error=error)
        case Refused(reason=reason, error=error):
            return Result(settlement=item, status=Status.FAILED, reason=reason, error=error)
        case SenderRefused():
            return _return(item, Reason.SENDER_STOPPED, due_at=now)
        case TooLate():
            return _return(item, PROVIDER_ERROR, due_at=now)
        case NotSent() if item.come_back_in is not None:
            return _return(item, item.outcome.reason, due_at=now + item.come_back_in)
        case NotSent() if circuit_.is_open(now):
            # Others failed before it in the same breath: it waits for the probe instead of failing with them.
            return _return(item, Reason.CIRCUIT_OPEN, due_at=circuit_.open_until)
        case NotSent(reason=reason, error=error):
            return Result(settlement=item, status=Status.FAILED, reason=reason, error=error)


def _return(item: Settlement, reason: str, *, due_at: datetime | None) -> Return:
    if item.message.expires_at and due_at and item.message.expires_at <= due_at:
        return expiry(item.message)
    return Return(message=item.message, status=Status.QUEUED, reason=reason, due_at=due_at)


def _circuit_after(outcome: Outcome, before: Circuit, *, now: datetime) -> Circuit:
    """Count only what tells of the provider's health; a refusal of one message is an answer in good health."""
    if isinstance(outcome, NotSent | Ambiguous):
        return circuit.after_failure(before, now=now)
    return circuit.CLOSED if isinstance(outcome, Sent | Refused) else before


def _write_results(results: Sequence[Result]) -> None:
    if not results:
        return
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, {"results": json.dumps([_row(result) for result in results], default=str)})


def _row(result: Result) -> dict[str, Any]:
    item = result.settlement
    return {
        "id": item.message.id,
        "status": result.status,
        "reason": result.reason,
        "error": result.error,
        "sent_at": item.attempted_at if result.status is Status.SENT else None,
        "attempted_at": item.attempted_at if result.status in MAY_HAVE_LEFT else None,
        "attempts": item.attempts,
        "provider_message_id": result.provider_message_id,
    }


def _event(result: Result, *, now: datetime) -> events.Event:
    message, attempts = result.message, result.settlement.attempts
    if result.status is Status.SENT:
        waited_s = wait_s(since=message.created_at, until=result.settlement.attempted_at)
        return message_event(EventType.OUTBOUND_SENT, message, at=now, attempts=attempts, waited_s=waited_s)
    return message_event(
        EventType.OUTBOUND_BLOCKED,
        message,
        at=now,
        block_reason=result.reason,
        outcome=result.status,
        error=result.error,
        attempts=attempts,
    )


def _write_circuit(sender_id: UUID, *, before: Circuit, after: Circuit, now: datetime) -> None:
    Sender.objects.filter(pk=sender_id).update(
        circuit_failures=after.failures,
        circuit_trips=after.trips,
        circuit_open_until=after.open_until,
        resume_at=after.open_until,
    )
    if after.trips > before.trips and after.open_until:
        props = {
            "block_reason": Reason.CIRCUIT_OPEN,
            "sender_id": str(sender_id),
            "until": after.open_until.isoformat(),
            "openings_in_a_row": after.trips,
        }
        events.emit([events.Event(type=EventType.OUTBOUND_BLOCKED, at=now, source="outbound", props=props)])
    if before.is_tripped and not after.is_tripped:
        senders.let_go(sender_id=sender_id, reason=Reason.CIRCUIT_OPEN, now=now)
