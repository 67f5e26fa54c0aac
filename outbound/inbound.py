"""What WhatsApp tells us: who wrote, what really left, how far it got, and whether a number of ours is connected.

Every notice may come more than once and in any order; what it says is stored in one transaction, before the provider is
answered. Whoever wants to hear what contacts write (the bridge does) registers with `on_message`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from canary import events, traces
from canary.event_types import EventType
from outbound import contacts, outbox, phones, wakeup
from outbound.contacts import Person
from outbound.evolution.webhooks import Connection, Echo, Inbound, Nothing, Notice, Update
from outbound.guardrails.facts import PROOF_AGE
from outbound.methods import ActorType, Channel, Method
from outbound.models import Contact, Conversation, Interaction, OutboundMessage, Sender
from outbound.optout import wants_back, wants_out

# The contact's own word, as opposed to an operator's.
BY_MESSAGE = "whatsapp_message"
# Beside the statuses of `DeliveryStatus`: the webhook that told that a message left.
LEFT = "LEFT"

WITNESS = """
    INSERT INTO provider_messages (sender_id, provider_message_id, cliente_id, text_digest, sent_at, statuses)
    VALUES (%s, %s, %s, %s, %s, %s::jsonb)
    ON CONFLICT (sender_id, provider_message_id) DO UPDATE
    SET cliente_id = excluded.cliente_id, text_digest = excluded.text_digest, sent_at = excluded.sent_at,
        statuses = excluded.statuses || provider_messages.statuses
    WHERE provider_messages.sent_at IS NULL
"""
# A status never goes back, in whatever order it is told.
ADVANCE = """
    INSERT INTO provider_messages (sender_id, provider_message_id, status, status_rank, statuses)
    VALUES (%s, %s, %s, %s, %s::jsonb)
    ON CONFLICT (sender_id, provider_message_id) DO UPDATE
    SET status = excluded.status, status_rank = excluded.status_rank,
        statuses = provider_messages.statuses || excluded.statuses
    WHERE provider_messages.status_rank < excluded.status_rank
"""


class UnknownInstanceError(LookupError):
    """No sender of ours has this instance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Something a contact wrote `at` an instant, as listeners get it `now`, inside the transaction that stores it."""

    contact_id: UUID
    conversation_id: UUID
    interaction_id: UUID
    text: str
    at: datetime
    now: datetime


Listener = Callable[[Heard], None]
_listeners: list[Listener] = []


def on_message(listener: Listener) -> None:
    """Have `listener` called with everything a known contact writes, once for each message."""
    if listener not in _listeners:
        _listeners.append(listener)


@transaction.atomic(durable=True)
def take_in(notice: Notice, *, now: datetime) -> bool:
    """Store what a notice says, in a transaction of its own; False when it told nothing new.

    Raises:
        UnknownInstanceError: when it is about no sender of ours.
    """
    match notice:
        case Nothing():
            return False
        case Inbound():
            return _hear(notice, sender=_sender(notice.instance), now=now)
        case Echo():
            return _witness(notice, sender=_sender(notice.instance), now=now)
        case Update():
            return _advance(notice, sender=_sender(notice.instance), now=now)
        case Connection():
            return _connect(notice, sender=_sender(notice.instance))


def digest(text: str) -> UUID:
    """Shorten a text to what recognises it again; PostgreSQL's `md5(text)::uuid` is the same."""
    return UUID(hex=hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


def _sender(instance: str) -> Sender:
    sender = Sender.objects.filter(instance=instance).first()
    if sender is None:
        raise UnknownInstanceError("No sender has this instance.")
    return sender


def _hear(notice: Inbound, *, sender: Sender, now: datetime) -> bool:
    contact = _contact(notice)
    if contact is None:
        return False
    conversation, _created = Conversation.objects.get_or_create(contact=contact, sender=sender)
    interaction, is_new = Interaction.objects.get_or_create(
        conversation=conversation,
        provider_message_id=notice.provider_message_id,
        # A phone's clock may run ahead; a proof from the future would last too long.
        defaults={"contact": contact, "text": notice.text, "received_at": min(notice.sent_at, now)},
    )
    if is_new:
        props = {"channel": Channel.WHATSAPP, "inbound_interaction_id": str(interaction.pk)}
        events.emit([_event(EventType.DOCTOR_INBOUND, interaction, now=now, **props)])
        _obey(contact, interaction, now=now)
    return is_new


def _contact(notice: Inbound) -> Contact | None:
    """Find who wrote, whatever the form of his number; create him only where that is configured."""
    try:
        phone = phones.normalise(f"+{notice.phone}")
    except phones.InvalidPhoneError:
        return None
    if settings.INBOUND_CREATES_CONTACTS:
        contacts.find_or_create([Person(phone=phone, name=notice.name)])
    return Contact.objects.filter(phone=phone).first()


def _obey(contact: Contact, interaction: Interaction, *, now: datetime) -> None:
    """Do at once what the contact asks about being written to; anything else is for the listeners."""
    if wants_out(interaction.text):
        contacts.opt_out(contact_id=contact.pk, actor=BY_MESSAGE, reason=BY_MESSAGE, now=now)
        goodbye = _("All right, you will get no more messages from us. To come back, write VOLTAR.")
        _confirm(interaction, goodbye, now=now)
    elif contact.opted_out_at and wants_back(interaction.text):
        contacts.opt_in(contact_id=contact.pk, actor=BY_MESSAGE, reason=BY_MESSAGE, now=now)
        _confirm(interaction, _("Agreed, you will get our messages again."), now=now)
    for listener in _listeners:
        listener(
            Heard(
                contact_id=contact.pk,
                conversation_id=interaction.conversation_id,
                interaction_id=interaction.pk,
                text=interaction.text,
                at=interaction.received_at,
                now=now,
            )
        )


def _confirm(interaction: Interaction, text: str, *, now: datetime) -> None:
    """Answer once: a reply with its proof, which the guardrails let through to somebody who opted out.

    What arrives too late to be answered, after an outage, is obeyed in silence.
    """
    if now - interaction.received_at >= PROOF_AGE:
        return
    outbox.enqueue(
        outbox.NewMessage(
            cliente_id=interaction.contact_id,
            method=Method.REPLY,
            channel=Channel.WHATSAPP,
            actor_type=ActorType.SYSTEM,
            conversation_id=interaction.conversation_id,
            inbound_interaction_id=interaction.pk,
            text=text,
        ),
        now=now,
    )


def _witness(notice: Echo, *, sender: Sender, now: datetime) -> bool:
    try:
        phone = phones.normalise(f"+{notice.phone}")
    except phones.InvalidPhoneError:
        return False
    contact_id = Contact.objects.filter(phone=phone).values_list("pk", flat=True).first()
    values: list[Any] = [sender.pk, notice.provider_message_id, contact_id, digest(notice.text), notice.sent_at]
    with connection.cursor() as cursor:
        cursor.execute(WITNESS, [*values, _told(LEFT, now=now)])
        is_news = bool(cursor.rowcount)
    if is_news:
        _trace(LEFT, notice.provider_message_id, sender=sender)
    return is_news


def _advance(notice: Update, *, sender: Sender, now: datetime) -> bool:
    values: list[Any] = [sender.pk, notice.provider_message_id, notice.status, notice.status.rank]
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE, [*values, _told(notice.status, now=now)])
        is_news = bool(cursor.rowcount)
    if is_news:
        _trace(notice.status, notice.provider_message_id, sender=sender)
    return is_news


def _trace(status: str, provider_message_id: str, *, sender: Sender) -> None:
    """Log what a webhook told of a message; one that was quicker than our settling has the provider's id only."""
    ours = OutboundMessage.objects.filter(sender=sender, provider_message_id=provider_message_id)
    ids = ours.values_list("pk", flat=True)
    traces.tell("webhook_told", ids, status=status, provider_message_id=provider_message_id)


def _told(status: str, *, now: datetime) -> str:
    """When we were told of a status, for `ProviderMessage.statuses`."""
    return json.dumps({status: now.astimezone(UTC).isoformat()})


def _connect(notice: Connection, *, sender: Sender) -> bool:
    if notice.state == "open":
        transaction.on_commit(wakeup.wake)
    return Sender.objects.filter(pk=sender.pk).exclude(connection=notice.state).update(connection=notice.state) > 0


def _event(type_: EventType, interaction: Interaction, *, now: datetime, **props: str) -> events.Event:
    return events.Event(
        type=type_,
        at=now,
        source="outbound",
        cliente_id=interaction.contact_id,
        conversation_id=interaction.conversation_id,
        props=props,
    )
