"""How a bridge begins: a doctor accepts a vaga that came from a divulgador.

match accept(vaga_id=vaga.id, doctor_id=doctor.id, actor="julia", reason="aceitou no chat", now=now):
case Opened(id=handoff_id, contacts_at=at): ...
case NeedsPerson(id=handoff_id, reason=why): ...
case Refused(reason=Refusal.VAGA_TAKEN): ...
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from canary import flags
from canary.event_types import EventType
from canary.flag_values import FlagKey
from handoff import messages
from handoff.models import ExternalHandoff, Vaga
from handoff.states import LIFE, VagaStatus
from handoff.transitions import leave_to_person, record, require_responsibility
from outbound.methods import ContactKind
from outbound.models import Contact

# A switch that is being turned waits for whoever has read it, as it does for claims.
LOCK_SWITCH = "SELECT key FROM feature_flags WHERE key = %s FOR SHARE"

OPTED_OUT = "divulgador_opted_out"
DOCTOR_OPTED_OUT = "doctor_opted_out"


class Refusal(StrEnum):
    """Why no bridge was opened; nothing was written then."""

    FEATURE_DISABLED = "feature_disabled"
    CANARY_BLOCKED = "canary_blocked"
    NOT_A_DOCTOR = "not_a_doctor"
    ALREADY_ACCEPTED = "already_accepted"
    VAGA_TAKEN = "vaga_taken"
    VAGA_CLOSED = "vaga_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The bridge stands; doctor and divulgador are written to at `contacts_at`, which may be the next opening."""

    id: UUID
    contacts_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsPerson:
    """The vaga is reserved, nobody was written to, and operators were told: `reason` says why."""

    id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """No bridge was opened."""

    reason: Refusal


@transaction.atomic
def accept(*, vaga_id: UUID, doctor_id: UUID, actor: str, reason: str, now: datetime) -> Opened | NeedsPerson | Refused:
    """Open a bridge because a doctor accepted a vaga; in the caller's transaction or one of its own.

    Raises:
        Vaga.DoesNotExist, Contact.DoesNotExist: when there is no such vaga or contact.
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    require_responsibility(actor, reason)
    doctor = Contact.objects.get(pk=doctor_id)
    if refusal := _refuse_doctor(doctor):
        return Refused(reason=refusal)
    vaga = Vaga.objects.select_for_update(of=["self"]).select_related("divulgador").get(pk=vaga_id)
    if vaga.status != VagaStatus.OPEN:
        return Refused(reason=_refuse_vaga(vaga, doctor))
    handoff = _new(vaga, doctor, now=now)
    # The database has the last word: where it knows of another active bridge, nothing is inserted.
    ExternalHandoff.objects.bulk_create([handoff], ignore_conflicts=True)
    if not ExternalHandoff.objects.filter(pk=handoff.pk).exists():
        return Refused(reason=Refusal.VAGA_TAKEN)
    Vaga.objects.filter(pk=vaga_id).update(status=VagaStatus.RESERVED)
    record(handoff, EventType.HANDOFF_CREATED, now=now, actor_id=actor, reason=reason)
    return _begin(handoff, actor=actor, now=now)


def _refuse_doctor(doctor: Contact) -> Refusal | None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK_SWITCH, [FlagKey.EXTERNAL_HANDOFF])
    current = flags.read()
    if not current.handoff_enabled:
        return Refusal.FEATURE_DISABLED
    if doctor.bucket >= current.handoff_pct:
        return Refusal.CANARY_BLOCKED
    return None if doctor.kind == ContactKind.DOCTOR else Refusal.NOT_A_DOCTOR


def _refuse_vaga(vaga: Vaga, doctor: Contact) -> Refusal:
    if vaga.handoffs.undecided().filter(doctor=doctor).exists():
        return Refusal.ALREADY_ACCEPTED
    return Refusal.VAGA_CLOSED if vaga.status == VagaStatus.CLOSED else Refusal.VAGA_TAKEN


def _new(vaga: Vaga, doctor: Contact, *, now: datetime) -> ExternalHandoff:
    hours = settings.BUSINESS_HOURS
    starts_at = now if hours.is_open(now) else hours.next_opening(now)
    return ExternalHandoff(
        vaga=vaga,
        doctor=doctor,
        divulgador=vaga.divulgador,
        created_at=now,
        starts_at=starts_at,
        expires_at=starts_at + LIFE,
    )


def _begin(handoff: ExternalHandoff, *, actor: str, now: datetime) -> Opened | NeedsPerson:
    why = _why_not_write(handoff)
    if why:
        leave_to_person(handoff, reason=why, now=now, actor_id=actor)
        return NeedsPerson(id=handoff.pk, reason=why)
    messages.introduce(handoff, now=now)
    return Opened(id=handoff.pk, contacts_at=handoff.starts_at)


def _why_not_write(handoff: ExternalHandoff) -> str | None:
    if handoff.divulgador.opted_out_at:
        return OPTED_OUT
    return DOCTOR_OPTED_OUT if handoff.doctor.opted_out_at else None
