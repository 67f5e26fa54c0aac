"""Contacts: found or created by their canonical phone, opted out and back in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.db.models import DateTimeField, Func
from django.db.models.functions import Now

from canary import events
from canary.event_types import EventType
from outbound import rows, suppression
from outbound.guardrails.decision import Reason
from outbound.message_events import StoredMessage, message_event
from outbound.methods import ContactKind
from outbound.models import Contact

# Why somebody whose phone is suppressed has opted out.
SUPPRESSED = "suppressed"
CANCEL_WAITING = (Path(__file__).parent / "queries" / "cancel_waiting.sql").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody to write to, by canonical phone."""

    phone: str
    name: str = ""
    kind: ContactKind = ContactKind.DOCTOR


def find_or_create(people: Sequence[Person]) -> dict[str, UUID]:
    """Answer `{phone: contact id}`, creating who is not known yet; who is known stays as he is.

    Somebody who was erased is created without his name, and opted out.

    Raises:
        WrongSuppressionKeyError: when nobody could say who was erased.
    """
    suppressed = suppression.among([person.phone for person in people])
    # In one order for everybody, so that two importers of the same people do not wait for each other.
    ordered = sorted(people, key=lambda person: person.phone)
    Contact.objects.bulk_create(
        [_new(person, is_suppressed=person.phone in suppressed) for person in ordered],
        ignore_conflicts=True,
    )
    phones = [person.phone for person in people]
    return dict(Contact.objects.filter(phone__in=phones).values_list("phone", "id"))


def _new(person: Person, *, is_suppressed: bool) -> Contact:
    if not is_suppressed:
        return Contact(phone=person.phone, name=person.name, kind=person.kind)
    return Contact(phone=person.phone, kind=person.kind, opted_out_at=Now(), opted_out_reason=SUPPRESSED)


def opt_out(*, contact_id: UUID, actor: str, reason: str, now: datetime) -> bool:
    """Write to a contact no more and cancel what waits for him, inside the caller's transaction.

    False when he had opted out already. Answers to what he writes himself stay possible.

    Raises:
        OutsideTransactionError: when no transaction is open.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    events.require_transaction("contacts.opt_out")
    # The clock of the database, read once the contact is ours: every claim is plainly before or after it.
    at_lock = Func(function="clock_timestamp", output_field=DateTimeField())
    Contact.objects.select_for_update(no_key=True).filter(pk=contact_id).first()
    active = Contact.objects.filter(pk=contact_id, opted_out_at=None)
    if not active.update(opted_out_at=at_lock, opted_out_reason=reason):
        return False
    cancelled = cancel_waiting(contact_id, answers_too=False, now=now)
    event = _event(EventType.CONTACT_OPTED_OUT, contact_id, now=now, actor_id=actor, reason=reason, cancelled=cancelled)
    events.emit([event])
    return True


def opt_in(*, contact_id: UUID, actor: str, reason: str, now: datetime) -> bool:
    """Write to a contact again, because he said so, inside the caller's transaction; False when he had not opted out.

    Raises:
        OutsideTransactionError: when no transaction is open.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    events.require_transaction("contacts.opt_in")
    opted_out = Contact.objects.select_for_update(no_key=True).filter(pk=contact_id, opted_out_at__isnull=False)
    since = opted_out.values_list("opted_out_at", flat=True).first()
    if since is None:
        return False
    Contact.objects.filter(pk=contact_id).update(opted_out_at=None, opted_out_reason="")
    # The row forgets since when he was out; what left meanwhile is measured all the same (sent_to_opted_out.sql).
    props = {"actor_id": actor, "reason": reason, "opted_out_at": since.isoformat()}
    events.emit([_event(EventType.CONTACT_OPTED_IN, contact_id, now=now, **props)])
    return True


def cancel_waiting(contact_id: UUID, *, answers_too: bool, now: datetime) -> int:
    """Block what waits for a contact who opted out, answers to what he wrote only if asked to; answer how many.

    What a claim is just taking is left to it: it waits for the contact, whom the caller's transaction has locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(CANCEL_WAITING, {"contact": contact_id, "answers_too": answers_too})
        cancelled = [StoredMessage.from_row(row) for row in rows.as_dicts(cursor)]
    reason = Reason.OPTED_OUT
    events.emit([message_event(EventType.OUTBOUND_BLOCKED, item, at=now, block_reason=reason) for item in cancelled])
    return len(cancelled)


def _event(type_: EventType, contact_id: UUID, *, now: datetime, **props: str | int) -> events.Event:
    return events.Event(type=type_, at=now, source="outbound", cliente_id=contact_id, props=props)
