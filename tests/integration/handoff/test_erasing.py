"""Erasing one of the two of a bridge: nobody is written to any more, and somebody of ours takes over."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from canary.event_types import EventType
from handoff.models import ExternalHandoff, Question
from handoff.states import HandoffStatus
from outbound import erasure
from outbound.models import Contact, OutboundMessage
from tests.factories import handoff as bridges
from tests.factories import outbound as make


@pytest.fixture(autouse=True)
def ready(outbox_ready: None) -> None:
    bridges.switch_on()


@pytest.mark.parametrize("who", ["doctor", "divulgador"])
def test_the_bridge_of_who_is_erased_is_left_to_a_person(now: datetime, who: str) -> None:
    handoff = bridges.contacted(now=now)
    other = bridges.contacted(now=now)
    erased: Contact = getattr(handoff, who)

    erasure.erase(phone=erased.phone, actor="ana", reason="pedido do titular", now=now + timedelta(hours=1))

    handoff.refresh_from_db()
    other.refresh_from_db()
    assert handoff.status == HandoffStatus.MANUAL_REQUIRED
    assert other.status == HandoffStatus.CONTACTED
    assert not OutboundMessage.objects.filter(contact=erased, status="queued").exists()
    (event,) = make.events(EventType.HANDOFF_MANUAL_REQUIRED)
    assert event.event_props["reason"] == "erased"


def test_what_has_ended_stays_ended_and_the_question_is_forgotten(now: datetime) -> None:
    shift = bridges.vaga()
    handoffs = [bridges.contacted(now=now, shift=bridges.vaga(divulgador=shift.divulgador)) for _ in range(2)]
    bridges.writes(shift.divulgador, "confirmado", at=now + timedelta(minutes=1))
    assert Question.objects.filter(pk=shift.divulgador.pk).exists()
    ExternalHandoff.objects.filter(pk=handoffs[0].pk).update(
        status=HandoffStatus.EXPIRED, ended_at=now, ended_via="clock", ended_by="clock"
    )

    erasure.erase(phone=shift.divulgador.phone, actor="ana", reason="pedido do titular", now=now + timedelta(minutes=2))

    assert not Question.objects.exists()
    statuses = ExternalHandoff.objects.order_by("created_at", "pk").values_list("status", flat=True)
    assert sorted(statuses) == [HandoffStatus.EXPIRED, HandoffStatus.MANUAL_REQUIRED]
