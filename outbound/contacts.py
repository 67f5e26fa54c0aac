"""Contacts: found or created by their canonical phone, opted out and back in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from outbound.methods import ContactKind
from outbound.models import Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody to write to, by canonical phone."""

    phone: str
    name: str = ""
    kind: ContactKind = ContactKind.DOCTOR


def find_or_create(people: Sequence[Person]) -> dict[str, UUID]:
    """Answer `{phone: contact id}`, creating who is not known yet; who is known stays as he is."""
    # In one order for everybody, so that two importers of the same people do not wait for each other.
    ordered = sorted(people, key=lambda person: person.phone)
    Contact.objects.bulk_create(
        [Contact(phone=person.phone, name=person.name, kind=person.kind) for person in ordered],
        ignore_conflicts=True,
    )
    phones = [person.phone for person in people]
    return dict(Contact.objects.filter(phone__in=phones).values_list("phone", "id"))
