"""Vagas and bridges whose defaults pass every rule, so that a test names only what matters."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction

from canary.models import FeatureFlag
from handoff import bridge, witness
from handoff.acceptance import NeedsPerson, Opened, Refused, accept
from handoff.models import ExternalHandoff, Vaga
from handoff.states import Decision, Via
from handoff.steps import Step
from outbound.evolution.webhooks import Inbound
from outbound.inbound import take_in
from outbound.methods import ContactKind
from outbound.models import Contact, OutboundMessage
from tests.factories import outbound as make

_numbers = count(1)


def switch_on(pct: int = 100) -> None:
    """Let doctors open bridges."""
    FeatureFlag.objects.filter(key="external_handoff").update(value={"enabled": True, "canary_pct": pct})


def divulgador(**changes: Any) -> Contact:
    return make.contact(**{"kind": ContactKind.DIVULGADOR, "name": "Carlos", **changes})


def vaga(**changes: Any) -> Vaga:
    """An open shift."""
    defaults = {
        "hospital": "Santa Casa de São Paulo",
        "date": date(2026, 11, 28),
        "period": "noturno (19h às 7h)",
        "value": Decimal(1800),
    }
    if "divulgador" not in changes:
        changes["divulgador"] = divulgador()
    return Vaga.objects.create(**{**defaults, **changes})


def accepted(shift: Vaga, doctor: Contact, *, now: datetime) -> Opened | NeedsPerson | Refused:
    """What a doctor's acceptance comes to."""
    return accept(vaga_id=shift.pk, doctor_id=doctor.pk, actor="julia", reason="aceitou no chat", now=now)


def opened(*, now: datetime, shift: Vaga | None = None, doctor: Contact | None = None) -> ExternalHandoff:
    """A bridge whose messages wait in the outbox."""
    result = accepted(shift or vaga(), doctor or make.contact(), now=now)
    assert isinstance(result, Opened)
    return ExternalHandoff.objects.get(pk=result.id)


def asked(*, now: datetime, **more: Any) -> ExternalHandoff:
    """A bridge whose divulgador was asked, though nobody has looked yet: its two messages left at `now`."""
    handoff = opened(now=now, **more)
    mark_sent(handoff, at=now)
    return handoff


def contacted(*, now: datetime, **more: Any) -> ExternalHandoff:
    """A bridge whose divulgador was asked at `now`."""
    handoff = asked(now=now, **more)
    witness.look(now=now)
    handoff.refresh_from_db()
    return handoff


def mark_sent(handoff: ExternalHandoff, *, at: datetime) -> None:
    """Have everything of the bridge that waits leave, as far as the outbox tells."""
    waiting = OutboundMessage.objects.filter(pk__in=handoff.messages.values("message_id"), status="queued")
    waiting.update(status="sent", sent_at=at, attempted_at=at, claimed_at=at)


def message(handoff: ExternalHandoff, step: Step) -> OutboundMessage:
    """The message of a step."""
    return OutboundMessage.objects.get(pk=handoff.messages.get(step=step).message_id)


def decided(handoff: ExternalHandoff, decision: Decision, *, now: datetime, via: Via = Via.LINK) -> Any:
    """What deciding comes to."""
    with transaction.atomic():
        return bridge.decide(handoff_id=handoff.pk, decision=decision, via=via, actor="teste", reason="teste", now=now)


def writes(contact: Contact, text: str, *, at: datetime, now: datetime | None = None) -> None:
    """A contact writes, and the provider tells us."""
    notice = Inbound(
        instance="julia",
        provider_message_id=f"IN{next(_numbers)}",
        phone=contact.phone,
        name=contact.name,
        text=text,
        sent_at=at,
    )
    take_in(notice, now=now or at + timedelta(seconds=1))
