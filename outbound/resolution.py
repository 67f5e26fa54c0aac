"""A person's word about messages: one that no evidence settles left, or did not and shall go out again; those that wait
shall not go out at all.

Who said so and why stands in the event, and so in the history of the message.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from canary import events
from canary.event_types import EventType
from outbound import outbox, wakeup
from outbound.message_events import StoredMessage, message_event, wait_s
from outbound.methods import Status
from outbound.models import OutboundMessage
from outbound.reconciler import queue_again

REQUEUED = "requeued_by_person"
CANCELLED = "cancelled_by_person"


class NotUnknownError(LookupError):
    """There is no message of unknown outcome with this id: it never was, or has been settled meanwhile."""


class Word(StrEnum):
    """What a person can say of a message."""

    SENT = "sent"
    REQUEUE = "requeue"


@transaction.atomic(durable=True)
def resolve(*, message_id: UUID, word: Word, actor: str, reason: str, now: datetime) -> None:
    """Settle one message of unknown outcome, in a transaction of its own.

    Raises:
        NotUnknownError: when its outcome is not, or no longer, unknown.
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    _require_somebody(actor, reason)
    row = OutboundMessage.objects.select_for_update().filter(pk=message_id, status=Status.UNKNOWN).values().first()
    if row is None:
        raise NotUnknownError("No message of unknown outcome has this id.")
    message = StoredMessage.from_row({**row, "cliente_id": row["contact_id"]})
    if word is Word.REQUEUE:
        queue_again(message, sender_id=row["sender_id"], reason=REQUEUED, now=now, resolved_by=actor, resolution=reason)
        transaction.on_commit(wakeup.wake)
        return
    OutboundMessage.objects.filter(pk=message_id).update(
        status=Status.SENT, reason=None, error=None, sent_at=row["attempted_at"]
    )
    props = {
        "waited_s": wait_s(since=row["created_at"], until=row["attempted_at"] or now),
        "resolved_by": actor,
        "resolution": reason,
    }
    events.emit([message_event(EventType.OUTBOUND_SENT, message, at=now, **props)])


@transaction.atomic(durable=True)
def cancel(*, ids: Sequence[UUID], actor: str, reason: str, now: datetime) -> int:
    """Block those of the messages that still wait, in a transaction of its own; answer how many never leave.

    Raises:
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    _require_somebody(actor, reason)
    return outbox.cancel(ids=ids, reason=CANCELLED, now=now, resolved_by=actor, resolution=reason)


def _require_somebody(actor: str, reason: str) -> None:
    if not actor.strip() or not reason.strip():
        raise ValueError("Somebody says so, for a reason: actor and reason must not be empty.")
