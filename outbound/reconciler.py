"""The reconciler: settles by evidence what nobody knows the outcome of, and never by hope.

It looks at what workers left behind when their leases ran out and at what ended in doubt, asks the provider's webhooks
and its list, and marks it sent, queues it again on proof that it did not leave, or calls a person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from canary import events, incidents
from canary.event_types import EventType
from canary.incident_kinds import Happening, IncidentKind
from outbound import evidence, rows, senders, wakeup
from outbound.claims import REQUEST
from outbound.evidence import Absent, Found, Unproved
from outbound.evolution.client import EvolutionClient, ProviderUnavailableError
from outbound.evolution.payloads import SentRecord
from outbound.message_events import StoredMessage, message_event, wait_s
from outbound.methods import Status
from outbound.models import OutboundMessage
from outbound.phones import jid

_QUERIES = Path(__file__).parent / "queries"
PARK_EXPIRED = (_QUERIES / "park_expired.sql").read_text(encoding="utf-8")
UNKNOWN_MESSAGES = (_QUERIES / "unknown_messages.sql").read_text(encoding="utf-8")

# The provider's clock may differ from ours by this much.
CLOCK_SKEW = timedelta(seconds=60)
MOST_AT_ONCE = 200
CONNECTIONS = 16
PROVED_ABSENT = "proved_absent"
LEASE_EXPIRED = "lease_expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A message nobody knows the outcome of; `witnessed` is the id a webhook told us, if one did."""

    message: StoredMessage
    sender_id: UUID
    instance: str
    phone: str
    text: str
    created_at: datetime
    claimed_at: datetime
    attempted_at: datetime
    absent_since: datetime | None
    reported_at: datetime | None
    witnessed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """How many messages a run looked at, and what it made of them."""

    parked: int = 0
    found: int = 0
    absent: int = 0
    unproved: int = 0


NOTHING = Reconciled()


def reconcile(*, now: datetime) -> Reconciled:
    """Look at everything in doubt once; each message is settled in a transaction of its own."""
    parked = park_expired(now=now)
    doubts = _doubts()
    listed = asyncio.run(_ask([doubt for doubt in doubts if doubt.witnessed is None], now=now)) if doubts else {}
    verdicts = [_settle(doubt, listed.get(doubt.message.id), now=now) for doubt in doubts]
    if any(isinstance(verdict, Absent) for verdict in verdicts):
        wakeup.wake()
    return Reconciled(
        parked=parked,
        found=sum(isinstance(verdict, Found) for verdict in verdicts),
        absent=sum(isinstance(verdict, Absent) for verdict in verdicts),
        unproved=sum(isinstance(verdict, Unproved) for verdict in verdicts),
    )


@transaction.atomic(durable=True)
def park_expired(*, now: datetime) -> int:
    """Make `unknown` what a worker holds beyond its lease, in a transaction of its own; answer how many."""
    with connection.cursor() as cursor:
        cursor.execute(PARK_EXPIRED, {"now": now})
        parked = [StoredMessage.from_row(row) for row in rows.as_dicts(cursor)]
    in_doubt = {"block_reason": LEASE_EXPIRED, "outcome": Status.UNKNOWN}
    events.emit([message_event(EventType.OUTBOUND_BLOCKED, item, at=now, **in_doubt) for item in parked])
    return len(parked)


def _doubts() -> list[Doubt]:
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"skew": CLOCK_SKEW, "request": REQUEST, "most": MOST_AT_ONCE}
        cursor.execute(UNKNOWN_MESSAGES, parameters)
        return [_doubt(row) for row in rows.as_dicts(cursor)]


def _doubt(row: Mapping[str, Any]) -> Doubt:
    return Doubt(
        message=StoredMessage.from_row(row),
        sender_id=row["sender_id"],
        instance=row["instance"],
        phone=row["phone"],
        text=row["text"],
        created_at=row["created_at"],
        claimed_at=row["claimed_at"] or row["attempted_at"],
        attempted_at=row["attempted_at"],
        absent_since=row["absent_since"],
        reported_at=row["reported_at"],
        witnessed=row["witnessed"],
    )


async def _ask(doubts: Sequence[Doubt], *, now: datetime) -> dict[UUID, list[SentRecord]]:
    """Ask the provider about each; who is missing in the answer got none, or none from a connected instance."""
    client = EvolutionClient(
        url=settings.EVOLUTION_API_URL, api_key=settings.EVOLUTION_API_KEY, connections=CONNECTIONS
    )
    try:
        instances = sorted({doubt.instance for doubt in doubts})
        states = await asyncio.gather(*(client.is_connected(instance=instance) for instance in instances))
        connected = dict(zip(instances, states, strict=True))
        answers = await asyncio.gather(*(_ask_one(client, doubt, now=now) for doubt in doubts))
    finally:
        await client.aclose()
    return {
        doubt.message.id: answer
        for doubt, answer in zip(doubts, answers, strict=True)
        if answer is not None and (answer or connected[doubt.instance])
    }


async def _ask_one(client: EvolutionClient, doubt: Doubt, *, now: datetime) -> list[SentRecord] | None:
    try:
        records = await client.find_sent(
            instance=doubt.instance, jid=jid(doubt.phone), since=doubt.claimed_at - CLOCK_SKEW, until=now + CLOCK_SKEW
        )
    except ProviderUnavailableError:
        return None
    return [record for record in records if record.text == doubt.text]


def _settle(doubt: Doubt, listed: Sequence[SentRecord] | None, *, now: datetime) -> Found | Absent | Unproved | None:
    """Write what the evidence makes of one message; None when somebody else settled it meanwhile."""
    try:
        with transaction.atomic(durable=True):
            held = OutboundMessage.objects.select_for_update().filter(pk=doubt.message.id, status=Status.UNKNOWN)
            if not held.exists():
                return None
            verdict = evidence.weigh(
                provider_message_id=doubt.witnessed or _unrecorded(doubt, listed or ()),
                answered=listed is not None,
                attempted_at=doubt.attempted_at,
                absent_since=doubt.absent_since,
                now=now,
            )
            _write(doubt, verdict, now=now)
            return verdict
    except IntegrityError:
        # The record turned out to be another message's: it is looked for anew with the next run.
        return None


def _unrecorded(doubt: Doubt, listed: Sequence[SentRecord]) -> str | None:
    """Find a record in the provider's list that no other message has; the oldest, as it lists the newest first."""
    candidates = [record.provider_message_id for record in reversed(listed)]
    recorded = OutboundMessage.objects.recorded(candidates, sender_id=doubt.sender_id)
    return next((candidate for candidate in candidates if candidate not in recorded), None)


def _write(doubt: Doubt, verdict: Found | Absent | Unproved, *, now: datetime) -> None:
    row = OutboundMessage.objects.filter(pk=doubt.message.id)
    match verdict:
        case Found(provider_message_id=provider_message_id):
            row.update(
                status=Status.SENT,
                reason=None,
                error=None,
                sent_at=doubt.attempted_at,
                provider_message_id=provider_message_id,
            )
            waited_s = wait_s(since=doubt.created_at, until=doubt.attempted_at)
            props = {"proved_by": "provider", "waited_s": waited_s}
            events.emit([message_event(EventType.OUTBOUND_SENT, doubt.message, at=now, **props)])
        case Absent():
            queue_again(doubt.message, sender_id=doubt.sender_id, reason=PROVED_ABSENT, now=now)
        case Unproved(absent_since=absent_since, needs_person=needs_person):
            row.update(absent_since=absent_since)
            if needs_person and doubt.reported_at is None:
                _call_a_person(doubt, now=now)


def queue_again(message: StoredMessage, *, sender_id: UUID, reason: str, now: datetime, **props: str) -> None:
    """Queue a message again that surely did not leave, inside the caller's transaction."""
    OutboundMessage.objects.filter(pk=message.id).update(
        status=Status.QUEUED,
        reason=reason,
        error=None,
        due_at=now,
        claim_id=None,
        claimed_at=None,
        attempted_at=None,
        absent_since=None,
        reported_at=None,
    )
    senders.give_places_back(sender_id=sender_id, now=now)
    events.emit([message_event(EventType.OUTBOUND_DEFERRED, message, at=now, block_reason=reason, **props)])


def _call_a_person(doubt: Doubt, *, now: datetime) -> None:
    """One incident for a sender, however many messages are in doubt: each has a line of its timeline."""
    OutboundMessage.objects.filter(pk=doubt.message.id).update(reported_at=now)
    details = {"message_id": str(doubt.message.id), "method": doubt.message.request.method}
    incident = incidents.report(
        kind=IncidentKind.UNKNOWN_OUTCOME,
        subject=senders.subject(sender_id=doubt.sender_id, instance=doubt.instance),
        actor=incidents.SYSTEM,
        details=details,
        now=now,
    )
    if not incident.is_new:
        incidents.add(incident_id=incident.id, what=Happening.GREW, actor=incidents.SYSTEM, details=details, now=now)
