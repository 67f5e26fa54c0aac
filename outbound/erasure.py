"""Erasing a person who asks for it (LGPD, art. 18): the record of what we did stays, and tells of nobody any more.

His contact keeps its id and loses name and phone; every text to and from him is emptied; what waits for him is
cancelled. His phone is suppressed, so that an import that brings it back finds him opted out. A package that keeps more
of a person registers with `on_erase`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.db import transaction

from canary import events
from canary.event_types import EventType
from outbound import contacts, suppression
from outbound.methods import Status
from outbound.models import Contact, Interaction, OutboundMessage, ProviderMessage

ERASED = "erased"
UNSETTLED = (Status.QUEUED, Status.SENDING, Status.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """Who was erased, and how many texts to and from him were emptied."""

    contact_id: UUID
    messages: int
    interactions: int


class UnknownContactError(LookupError):
    """No contact has this phone."""


class NotSettledError(RuntimeError):
    """A message to this contact is on its way, or nobody knows whether it left: its evidence is still needed."""


Listener = Callable[[UUID, datetime], None]
_listeners: list[Listener] = []


def on_erase(listener: Listener) -> None:
    """Have `listener` called with the id of each contact who is erased and when, inside that transaction."""
    if listener not in _listeners:
        _listeners.append(listener)


@transaction.atomic(durable=True)
def erase(*, phone: str, actor: str, reason: str, now: datetime) -> Erased:
    """Erase the person with this canonical phone, in a transaction of its own.

    Raises:
        UnknownContactError: when we know nobody with it.
        NotSettledError: when a message to him is not settled; nothing is changed then.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    # Stronger than what claims take: nobody enqueues, claims or files anything for him meanwhile.
    contact = Contact.objects.select_for_update().filter(phone=phone).first()
    if contact is None:
        raise UnknownContactError("No contact has this phone.")
    contacts.opt_out(contact_id=contact.pk, actor=actor, reason=ERASED, now=now)
    contacts.cancel_waiting(contact.pk, answers_too=True, now=now)
    if OutboundMessage.objects.filter(contact=contact, status__in=UNSETTLED).exists():
        raise NotSettledError("A message to this contact is not settled.")
    erased = _empty(contact.pk)
    suppression.suppress(phone)
    Contact.objects.filter(pk=contact.pk).update(name="", phone=f"{ERASED}-{contact.pk}", erased_at=now)
    for listener in _listeners:
        listener(contact.pk, now)
    _record(erased, actor=actor, reason=reason, now=now)
    return erased


def _empty(contact_id: UUID) -> Erased:
    ProviderMessage.objects.filter(cliente_id=contact_id).update(text_digest=None)
    # The admin's history calls what was changed by its name.
    LogEntry.objects.filter(content_type__model="contact", object_id=str(contact_id)).update(object_repr=ERASED)
    return Erased(
        contact_id=contact_id,
        messages=OutboundMessage.objects.filter(contact_id=contact_id).exclude(text="").update(text=""),
        interactions=Interaction.objects.filter(contact_id=contact_id).exclude(text="").update(text=""),
    )


def _record(erased: Erased, *, actor: str, reason: str, now: datetime) -> None:
    props = {
        "actor_id": actor,
        "reason": reason,
        "messages": erased.messages,
        "interactions": erased.interactions,
    }
    event = events.Event(
        type=EventType.CONTACT_ERASED, at=now, source="outbound", cliente_id=erased.contact_id, props=props
    )
    events.emit([event])
