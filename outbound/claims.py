"""Claims: a worker takes what is due, asks the guardrails under lock, and holds the rest with a lease.

A switch or an opt-out either committed before a claim, and is obeyed, or waits until the claim has committed: then the
send had begun. A claim costs two round trips to the database, whatever its size:

1. begin, lock the sender, take what is due, lock contacts and switches, load the facts (one pipeline);
2. put back what may not go, record it, commit (another).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from canary import events
from canary.event_types import EventType
from outbound import rows
from outbound.guardrails import facts
from outbound.guardrails.decision import Decision, Outcome, Reason
from outbound.guardrails.request import OutboundRequest
from outbound.guardrails.rules import decide
from outbound.guardrails.snapshot import Facts
from outbound.message_events import message_event, request_of
from outbound.methods import Priority, Status
from outbound.models import Sender
from outbound.pipelines import transaction_in_pipeline

# The longest a request takes: 5 s to connect, 30 s to be answered. None starts that its lease would not outlive.
REQUEST = timedelta(seconds=35)
LEASE = timedelta(seconds=60)
EXPIRED = "expired"

_QUERIES = Path(__file__).parent / "queries"
PICK_SENDER, TAKE, LOCK_PEOPLE, LOCK_SWITCHES, HELD_MESSAGES, PUT_BACK = (
    (_QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    for name in ("pick_sender", "take", "lock_people", "lock_switches", "held_messages", "put_back")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMessage:
    """A message in a claim's hands: what the provider needs, and what its events will say."""

    id: UUID
    claim_id: UUID
    sender_id: UUID
    instance: str
    phone: str
    text: str
    request: OutboundRequest
    waited_for: str | None
    expires_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one claim holds until `lease_until`; nothing may be requested for it after that."""

    id: UUID
    taken: int
    lease_until: datetime
    messages: Sequence[ClaimedMessage]


def take(*, most: int, now: datetime) -> Claim:
    """Claim up to `most` due messages of the sender whose turn it is, in a transaction of its own.

    Only what may go now is in the answer; `taken` counts what was put back, too, and is 0 when nothing was due.
    """
    claim_id, lease_until = uuid4(), now + LEASE
    parameters: dict[str, Any] = {
        "claim": claim_id,
        "now": now,
        "lease_until": lease_until,
        "start_before": lease_until - REQUEST,
        "most": most,
        "priorities": [int(priority) for priority in Priority],
    }
    with transaction_in_pipeline(), connection.cursor() as picking, connection.cursor() as taking:
        picking.execute(PICK_SENDER, parameters)
        taking.execute(TAKE, parameters)
        messages = _review(claim_id, ids=None, now=now)
        taken = taking.rowcount
    return Claim(id=claim_id, taken=taken, lease_until=lease_until, messages=messages)


def recheck(*, claim_id: UUID, ids: Sequence[UUID], now: datetime) -> list[ClaimedMessage]:
    """Look afresh at switches, contacts and claim before some of its messages are requested again.

    Only what is still this claim's, and may still go, is in the answer; the rest has been put back.
    """
    with transaction_in_pipeline():
        return _review(claim_id, ids=ids, now=now)


def _review(claim_id: UUID, *, ids: Sequence[UUID] | None, now: datetime) -> list[ClaimedMessage]:
    with connection.cursor() as locks, connection.cursor() as switches, connection.cursor() as held:
        locks.execute(LOCK_PEOPLE, {"claim": claim_id})
        switches.execute(LOCK_SWITCHES)
        held.execute(HELD_MESSAGES, {"claim": claim_id, "ids": None if ids is None else list(ids)})
        snapshots = facts.load_claimed(claim_id=claim_id, ids=ids, now=now)
        found = {row["id"]: _message(claim_id, row) for row in rows.as_dicts(held)}
    messages = [found[id_] for id_ in snapshots]
    expired = [message for message in messages if message.expires_at and message.expires_at <= now]
    live = [message for message in messages if not (message.expires_at and message.expires_at <= now)]
    decided = list(zip(live, _decide(live, snapshots), strict=True))
    refused = [(message, decision) for message, decision in decided if not decision.is_allowed]
    put_back(
        [expiry(message) for message in expired] + _verdicts(refused),
        now=now,
    )
    _let_sender_rest([decision for _, decision in refused], claim_id=claim_id)
    allowed = [(message, decision) for message, decision in decided if decision.is_allowed]
    events.emit([_bypass(message, reason, now=now) for message, decision in allowed for reason in decision.bypassed])
    return [message for message, _ in allowed]


def _decide(messages: Sequence[ClaimedMessage], snapshots: Mapping[UUID, Facts]) -> list[Decision]:
    """Decide one after the other, each knowing of those let through before it; a claim has one sender."""
    decisions = []
    allowed: list[OutboundRequest] = []
    written_to: Counter[UUID] = Counter()
    proactively: Counter[UUID] = Counter()
    for message in messages:
        contact = message.request.cliente_id
        snapshot = snapshots[message.id].and_sender_used(times=len(allowed))
        snapshot = snapshot.and_contact_written_to(times=written_to[contact], proactively=proactively[contact])
        decision = decide(message.request, snapshot)
        if decision.is_allowed:
            allowed.append(message.request)
            written_to[contact] += 1
            proactively[contact] += message.request.is_proactive
        decisions.append(decision)
    return decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """How a message that did not leave gets out of a claim's hands; queued with no `due_at` means held."""

    message: ClaimedMessage
    status: Status
    reason: str
    due_at: datetime | None = None
    error: str | None = None
    details: Mapping[str, str | int] = field(default_factory=dict)


def expiry(message: ClaimedMessage) -> Return:
    """The message outlived what it was for."""
    return Return(message=message, status=Status.FAILED, reason=EXPIRED, error=EXPIRED)


def put_back(returns: Sequence[Return], *, now: datetime) -> None:
    """Take messages out of the hands of their claims and record why, inside the caller's transaction.

    A deferral for the reason the message already waits for is no news, and leaves no second event.
    """
    if not returns:
        return
    with connection.cursor() as cursor:
        cursor.execute(PUT_BACK, {"returns": json.dumps([_return_row(item) for item in returns], default=str)})
    news = [item for item in returns if item.status is not Status.QUEUED or item.reason != item.message.waited_for]
    events.emit([_return_event(item, now=now) for item in news])


def _return_row(item: Return) -> dict[str, Any]:
    return {
        "id": item.message.id,
        "claim_id": item.message.claim_id,
        "status": item.status,
        "reason": item.reason,
        "error": item.error,
        "due_at": item.due_at,
    }


def _return_event(item: Return, *, now: datetime) -> events.Event:
    is_deferred = item.status is Status.QUEUED
    type_ = EventType.OUTBOUND_DEFERRED if is_deferred else EventType.OUTBOUND_BLOCKED
    until = {"until": item.due_at.isoformat() if item.due_at else None}
    return message_event(type_, item.message, at=now, block_reason=item.reason, **until, **item.details)


def _verdicts(refused: Sequence[tuple[ClaimedMessage, Decision]]) -> list[Return]:
    """Put what a full or resting sender turned away back in its order: a microsecond after one another."""
    returns, places = [], count()
    for message, decision in refused:
        is_queueing = decision.until is not None and _is_about_sender(decision)
        returns.append(_verdict(message, decision, behind=next(places) if is_queueing else 0))
    return returns


def _verdict(message: ClaimedMessage, decision: Decision, *, behind: int) -> Return:
    is_blocked = decision.outcome is Outcome.BLOCK
    return Return(
        message=message,
        status=Status.BLOCKED if is_blocked else Status.QUEUED,
        reason=decision.reason or "",
        due_at=decision.until and decision.until + timedelta(microseconds=behind),
        details=decision.details,
    )


def _let_sender_rest(decisions: Sequence[Decision], *, claim_id: UUID) -> None:
    """Keep claims away from a sender that can take no more, until it can: a queue of 100,000 is not leafed through."""
    until = next((decision.until for decision in decisions if _is_about_sender(decision)), None)
    if until:
        Sender.objects.filter(claim_id=claim_id).update(resume_at=until)


def _is_about_sender(decision: Decision) -> bool:
    is_full = decision.reason is Reason.RATE_LIMITED and decision.details.get("phone") == "sender"
    return is_full or decision.reason is Reason.CIRCUIT_OPEN


def _bypass(message: ClaimedMessage, reason: Reason, *, now: datetime) -> events.Event:
    return message_event(EventType.OUTBOUND_BYPASS, message, at=now, block_reason=reason)


def _message(claim_id: UUID, row: Mapping[str, Any]) -> ClaimedMessage:
    return ClaimedMessage(
        id=row["id"],
        claim_id=claim_id,
        sender_id=row["sender_id"],
        instance=row["instance"],
        phone=row["phone"],
        text=row["text"],
        request=request_of(row),
        waited_for=row["reason"],
        expires_at=row["expires_at"],
        created_at=row["created_at"],
    )
