"""The outbox: where every message starts. Enqueuing is one INSERT in the caller's transaction; a worker is woken when
it commits, and a sweep finds what a lost wake-up left.

    with transaction.atomic():
        result = outbox.enqueue(NewMessage(cliente_id=doctor.id, method=Method.CAMPAIGN, text="Olá!"), now=now)
    match result:
        case Queued(id=message_id): ...
        case Deduped(of=earlier_id): ...
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from psycopg.errors import NotNullViolation

from canary import events, personal_data, traces
from canary.event_types import EventType
from outbound import rows, wakeup
from outbound.dedupe import dedupe_key
from outbound.guardrails.facts import PROOF_AGE
from outbound.message_events import StoredMessage, message_event
from outbound.methods import LONGEST_TEXT, ActorType, Channel, Method, dedupe_window, priority
from outbound.models import Contact

_QUERIES = Path(__file__).parent / "queries"
ENQUEUE = (_QUERIES / "enqueue.sql").read_text(encoding="utf-8")
LIVE_DUPLICATES = (_QUERIES / "live_duplicates.sql").read_text(encoding="utf-8")
CANCEL = (_QUERIES / "cancel.sql").read_text(encoding="utf-8")

LONGEST_REFERENCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message to enqueue. `send_at` keeps it until then; after `expires_at` it is not worth sending any more."""

    cliente_id: UUID
    method: Method
    text: str
    template_ref: str | None = None
    channel: Channel = Channel.API
    actor_type: ActorType = ActorType.SYSTEM
    actor_id: str | None = None
    conversation_id: UUID | None = None
    inbound_interaction_id: UUID | None = None
    bypass_reason: str | None = None
    campaign_id: UUID | None = None
    send_at: datetime | None = None
    expires_at: datetime | None = None
    id: UUID = field(default_factory=uuid4)

    @property
    def dedupe_key(self) -> UUID:
        return dedupe_key(
            cliente_id=self.cliente_id,
            method=self.method,
            template_ref=self.template_ref,
            inbound_interaction_id=self.inbound_interaction_id,
            text=self.text,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """The message is in the outbox, and will be decided about and sent once the transaction commits."""

    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduped:
    """The message repeats the live message `of`, and was not enqueued."""

    of: UUID | None


class InvalidMessageError(ValueError):
    """A message cannot be enqueued as it is: `field` is what to mend, `problem` why, neither repeats what was given."""

    def __init__(self, *, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


def enqueue(message: NewMessage, *, now: datetime) -> Queued | Deduped:
    """Put one message into the outbox, inside the caller's transaction.

    Raises:
        InvalidMessageError: when the message could never be sent; nothing is written.
        OutsideTransactionError: when no transaction is open.
    """
    events.require_transaction("outbox.enqueue")
    return _enqueue([message], now=now)[0]


def enqueue_many(messages: Sequence[NewMessage], *, now: datetime) -> list[Queued | Deduped]:
    """Put messages into the outbox at once, inside the caller's transaction; the answers keep the order.

    Raises:
        InvalidMessageError: when one of them could never be sent; none is written.
        OutsideTransactionError: when no transaction is open.
    """
    events.require_transaction("outbox.enqueue_many")
    with transaction.atomic():
        return _enqueue(messages, now=now)


def cancel(*, ids: Sequence[UUID], reason: str, now: datetime, **told: str) -> int:
    """Block those of the messages that still wait, inside the caller's transaction; answer how many.

    `reason` is a code for events, `told` what else they say. What the answer counts never leaves; what is being sent
    already, or may have been, is beyond recall, but not tried again.

    Raises:
        OutsideTransactionError: when no transaction is open.
        PersonalDataError: when what is told looks like personal data.
    """
    events.require_transaction("outbox.cancel")
    with connection.cursor() as cursor:
        cursor.execute(CANCEL, {"ids": list(ids), "reason": reason, "now": now})
        cancelled = [StoredMessage.from_row(row) for row in rows.as_dicts(cursor)]
    blocked = EventType.OUTBOUND_BLOCKED
    events.emit([message_event(blocked, item, at=now, block_reason=reason, **told) for item in cancelled])
    return len(cancelled)


def _enqueue(messages: Sequence[NewMessage], *, now: datetime) -> list[Queued | Deduped]:
    for message in messages:
        validate(message)
    queued = _insert(messages, now=now)
    refused = [message for message in messages if message.id not in queued]
    repeated = _explain_refusals(refused, now=now) if refused else {}
    if queued:
        traces.tell("outbound_queued", queued)
        transaction.on_commit(wakeup.wake)
    return [
        Queued(id=message.id) if message.id in queued else Deduped(of=repeated.get(message.dedupe_key))
        for message in messages
    ]


def validate(message: NewMessage) -> None:
    """Check what can be checked without the database.

    Raises:
        InvalidMessageError: naming the first field that is wrong.
    """
    if not message.text.strip():
        raise InvalidMessageError(field="text", problem=_("is empty"))
    if len(message.text) > LONGEST_TEXT:
        raise InvalidMessageError(
            field="text", problem=_("is longer than WhatsApp's {most} characters").format(most=LONGEST_TEXT)
        )
    if "\x00" in message.text:
        raise InvalidMessageError(field="text", problem=_("holds characters that cannot be stored"))
    for name in ("template_ref", "actor_id", "bypass_reason"):
        _validate_reference(name, getattr(message, name))


def _validate_reference(name: str, value: str | None) -> None:
    # These three go into events, which outlive the person they are about.
    if value is None:
        return
    if not value.strip() or len(value) > LONGEST_REFERENCE or "\x00" in value:
        raise InvalidMessageError(
            field=name, problem=_("must have 1 to {most} characters").format(most=LONGEST_REFERENCE)
        )
    kind = _personal_data_in(value)
    if kind:
        raise InvalidMessageError(
            field=name,
            problem=_("looks like it holds personal data ({kind}), and is kept in events: leave it out").format(
                kind=kind
            ),
        )


@lru_cache(maxsize=256)
def _personal_data_in(reference: str) -> str | None:
    # A campaign says the same ten thousand times.
    return personal_data.find_kind(json.dumps(reference, ensure_ascii=False))


def _insert(messages: Sequence[NewMessage], *, now: datetime) -> set[UUID]:
    parameters: dict[str, Any] = {
        "messages": json.dumps([_row(ord_, message, now=now) for ord_, message in enumerate(messages)], default=str),
        "now": now,
        "proof_age": PROOF_AGE,
    }
    with connection.cursor() as cursor:
        try:
            cursor.execute(ENQUEUE, parameters)
        except IntegrityError as error:
            if isinstance(error.__cause__, NotNullViolation) and error.__cause__.diag.column_name == "sender_id":
                problem = _("no sender is registered: manage.py senders add INSTANCE")
                raise InvalidMessageError(field="sender", problem=problem) from error
            raise
        return {row[0] for row in cursor.fetchall()}


def _row(ord_: int, message: NewMessage, *, now: datetime) -> Mapping[str, Any]:
    columns = {column.name: getattr(message, column.name) for column in fields(message)}
    return columns | {
        "ord": ord_,
        "dedupe_key": message.dedupe_key,
        "dedupe_until": now + dedupe_window(message.method),
        "priority": priority(message.method),
    }


def _explain_refusals(messages: Sequence[NewMessage], *, now: datetime) -> dict[UUID, UUID]:
    """Tell the duplicates from the contacts that do not exist, and record the duplicates."""
    wanted = {message.cliente_id for message in messages}
    if wanted - set(Contact.objects.filter(pk__in=wanted, erased_at=None).values_list("pk", flat=True)):
        raise InvalidMessageError(field="cliente_id", problem=_("no contact has this id"))
    with connection.cursor() as cursor:
        cursor.execute(LIVE_DUPLICATES, {"keys": [message.dedupe_key for message in messages], "now": now})
        repeated: dict[UUID, UUID] = dict(cursor.fetchall())
    events.emit([_deduped(message, of=repeated.get(message.dedupe_key), now=now) for message in messages])
    return repeated


def _deduped(message: NewMessage, *, of: UUID | None, now: datetime) -> events.Event:
    props = {
        "channel": message.channel,
        "method": message.method,
        "repeats": str(of) if of else None,
        "template_ref": message.template_ref,
        "actor_type": message.actor_type,
        "actor_id": message.actor_id,
    }
    return events.Event(
        type=EventType.OUTBOUND_DEDUPED,
        at=now,
        source="outbound",
        cliente_id=message.cliente_id,
        conversation_id=message.conversation_id,
        props=props,
    )
