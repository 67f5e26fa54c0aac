"""Who is written to in the demo, and what happens to them: the same people, and so the same canary, every time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from canary import flags
from canary.flag_values import FlagKey
from outbound import outbox, senders
from outbound.methods import ActorType, Channel, Method
from outbound.models import Contact, Conversation, Interaction, Sender
from outbound.outbox import Deduped, NewMessage, Queued

INSTANCES = ("julia", "julia-2", "julia-3", "julia-4")
DOCTORS = 160
OPTED_OUT = range(12)
WROTE_TO_US = range(10, 24)
CANARY_PCT = 60
OPERATOR = "ana"
FAMILY = UUID("9f0c5e0a-6f1d-4c58-9a0e-0d3f4f6a7b10")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing the demo does, and how many messages it asked for and were refused as duplicates."""

    title: str
    asked: int
    deduped: int


def set_the_stage(*, now: datetime) -> list[UUID]:
    """Create senders, an operator and the doctors, some of them opted out; answer the doctors' ids."""
    for instance in INSTANCES:
        senders.register(instance=instance)
    get_user_model().objects.create_user(OPERATOR, is_staff=True)
    doctors = [
        Contact(
            id=uuid5(FAMILY, str(number)),
            phone=f"55119{81000000 + number}",
            name=f"Dra. Exemplo {number}",
            opted_out_at=now - timedelta(days=1) if number in OPTED_OUT else None,
        )
        for number in range(DOCTORS)
    ]
    Contact.objects.bulk_create(doctors)
    with transaction.atomic():
        flags.switch(
            key=FlagKey.OUTBOUND_CANARY, fields={"pct": CANARY_PCT}, actor="demo", reason="demonstração", now=now
        )
    return [doctor.id for doctor in doctors]


def play(doctors: list[UUID], *, now: datetime) -> list[Act]:
    """Enqueue everything the demo shows."""
    invitation = [
        NewMessage(
            cliente_id=doctor,
            method=Method.CAMPAIGN,
            template_ref="plantao-sabado",
            text="Olá! Temos um plantão no sábado: https://example.org/vagas",
        )
        for doctor in doctors
    ]
    contract, no_reason = _bypass(doctors[0], "pediu o contrato"), _bypass(doctors[1], None)
    return [
        _act(_("a campaign to everybody, those who opted out included"), invitation, now=now),
        _act(_("the same campaign again, to the first 50"), [_again(item) for item in invitation[:50]], now=now),
        _act(_("replies to those who wrote to us"), [_reply(doctors[n], now=now) for n in WROTE_TO_US], now=now),
        _act(_("to somebody who opted out, from Slack, with a bypass reason"), [contract], now=now),
        _act(_("the same without a reason"), [no_reason], now=now),
    ]


def _act(title: str, messages: list[NewMessage], *, now: datetime) -> Act:
    with transaction.atomic():
        results: list[Queued | Deduped] = outbox.enqueue_many(messages, now=now)
    return Act(title=title, asked=len(messages), deduped=sum(isinstance(result, Deduped) for result in results))


def _again(message: NewMessage) -> NewMessage:
    return NewMessage(
        cliente_id=message.cliente_id, method=message.method, template_ref=message.template_ref, text=message.text
    )


def _reply(doctor: UUID, *, now: datetime) -> NewMessage:
    conversation = Conversation.objects.create(contact_id=doctor, sender=Sender.objects.get(instance=INSTANCES[0]))
    inbound = Interaction.objects.create(
        contact_id=doctor, conversation=conversation, text="Qual o valor?", received_at=now - timedelta(minutes=3)
    )
    return NewMessage(
        cliente_id=doctor,
        method=Method.REPLY,
        channel=Channel.WHATSAPP,
        actor_type=ActorType.BOT,
        conversation_id=conversation.id,
        inbound_interaction_id=inbound.id,
        text="R$ 1.800 por 12 horas.",
    )


def _bypass(doctor: UUID, reason: str | None) -> NewMessage:
    return NewMessage(
        cliente_id=doctor,
        method=Method.MANUAL,
        channel=Channel.SLACK,
        actor_type=ActorType.HUMAN,
        actor_id=OPERATOR,
        bypass_reason=reason,
        text="Segue o contrato que você pediu.",
    )
