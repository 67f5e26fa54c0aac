"""Contacts, conversations and messages whose defaults pass every rule, so that a test names only what matters."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.db import transaction

from canary.models import BusinessEvent
from outbound import outbox
from outbound.methods import Method
from outbound.models import Contact, Conversation, Interaction, OutboundMessage, Sender
from outbound.outbox import Deduped, NewMessage, Queued

_numbers = count(1)


def contact(**changes: Any) -> Contact:
    """A doctor nobody has anything against."""
    number = next(_numbers)
    # From the database, so that its bucket, which PostgreSQL computes, is there.
    created = Contact.objects.create(**{"phone": f"55119{70000000 + number}", "name": f"Dra. {number}", **changes})
    return Contact.objects.get(pk=created.pk)


def message(to: Contact | UUID, **changes: Any) -> NewMessage:
    """A campaign message with a text of its own."""
    cliente_id = to.pk if isinstance(to, Contact) else to
    return NewMessage(
        **{"cliente_id": cliente_id, "method": Method.CAMPAIGN, "text": f"Plantão {next(_numbers)}", **changes}
    )


def enqueue(new: NewMessage, *, now: datetime) -> Queued | Deduped:
    """Enqueue in a transaction of its own."""
    with transaction.atomic():
        return outbox.enqueue(new, now=now)


def queued(to: Contact, *, now: datetime, **changes: Any) -> OutboundMessage:
    """A message in the outbox."""
    result = enqueue(message(to, **changes), now=now)
    assert isinstance(result, Queued)
    return OutboundMessage.objects.get(pk=result.id)


def inbound(from_: Contact, *, at: datetime, sender: Sender | None = None) -> Interaction:
    """Something the contact wrote to us."""
    sender = sender or Sender.objects.order_by("instance")[0]
    conversation, _created = Conversation.objects.get_or_create(contact=from_, sender=sender)
    return Interaction.objects.create(contact=from_, conversation=conversation, text="Oi", received_at=at)


def reply(to: Interaction, **changes: Any) -> NewMessage:
    """An answer with its proof."""
    return message(
        to.contact_id,
        **{
            "method": Method.REPLY,
            "conversation_id": to.conversation_id,
            "inbound_interaction_id": to.pk,
            **changes,
        },
    )


def sent_before(to: Contact, *, at: datetime, sender: Sender, method: Method = Method.CAMPAIGN) -> OutboundMessage:
    """A message that left at some time in the past."""
    return OutboundMessage.objects.create(
        dedupe_key=UUID(int=next(_numbers)),
        dedupe_until=at + timedelta(minutes=60),
        contact=to,
        sender=sender,
        method=method,
        channel="api",
        actor_type="system",
        text="antes",
        priority=2,
        status="sent",
        created_at=at,
        attempted_at=at,
        sent_at=at,
    )


def events(event_type: str, **props: Any) -> list[BusinessEvent]:
    """The recorded events of a type that have these properties, oldest first."""
    found = BusinessEvent.objects.filter(event_type=event_type, **{f"event_props__{k}": v for k, v in props.items()})
    return list(found.order_by("id"))
