"""A doctor accepts: one bridge for a vaga, the switch and its canary obeyed, and nobody bothered who said no."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from canary.flag_values import FlagKey
from canary.models import FeatureFlag
from handoff.acceptance import NeedsPerson, Opened, Refusal, Refused, accept
from handoff.models import ExternalHandoff
from handoff.states import Decision
from handoff.steps import Step
from outbound import contacts
from outbound.guardrails.business_hours import SAO_PAULO, BusinessHours, parse_holidays
from outbound.models import Contact, OutboundMessage
from tests.factories import handoff as bridges
from tests.factories import outbound as make

DOCTORS = 50
WORKING_HOURS = BusinessHours.parse("mon-fri 08:00-20:00")
# 2026-11-27 is a Friday.
FRIDAY = datetime(2026, 11, 27, tzinfo=SAO_PAULO)
MONDAY_8 = datetime(2026, 11, 30, 8, tzinfo=SAO_PAULO)


@pytest.fixture(autouse=True)
def ready(outbox_ready: None) -> None:
    bridges.switch_on()


def test_accepting_reserves_the_vaga_and_gives_each_the_others_contact(now: datetime) -> None:
    doctor, vaga = make.contact(name="Dra. Ana"), bridges.vaga()

    handoff = bridges.opened(now=now, shift=vaga, doctor=doctor)

    vaga.refresh_from_db()
    assert (handoff.status, vaga.status) == ("pending", "reservada")
    assert (handoff.starts_at, handoff.expires_at) == (now, now + timedelta(hours=48))
    to_doctor, to_divulgador = (bridges.message(handoff, step) for step in (Step.DOCTOR_CONTACT, Step.REQUEST))
    assert (to_doctor.contact_id, to_divulgador.contact_id) == (doctor.pk, vaga.divulgador_id)
    assert {to_doctor.method, to_divulgador.method} == {"handoff"}
    assert vaga.divulgador.phone[-4:] in to_doctor.text
    assert doctor.phone[-4:] in to_divulgador.text
    assert "Santa Casa de São Paulo, Sábado, 28/11/2026, noturno (19h às 7h), R$ 1.800,00" in to_divulgador.text
    assert to_divulgador.text.count("/handoff/confirm?t=") == 2
    (event,) = make.events("handoff_created")
    assert (event.cliente_id, event.event_props["actor_id"]) == (doctor.pk, "julia")


def test_of_fifty_doctors_at_once_one_gets_the_bridge_and_the_others_a_clear_answer(now: datetime) -> None:
    vaga = bridges.vaga()
    doctors = [make.contact() for _ in range(DOCTORS)]
    together = Barrier(DOCTORS)

    def accept_together(doctor: Contact) -> Any:
        together.wait()
        try:
            return bridges.accepted(vaga, doctor, now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(DOCTORS) as pool:
        results = list(pool.map(accept_together, doctors))

    assert sum(isinstance(result, Opened) for result in results) == 1
    assert results.count(Refused(reason=Refusal.VAGA_TAKEN)) == DOCTORS - 1
    assert ExternalHandoff.objects.count() == 1
    assert OutboundMessage.objects.count() == 2
    assert len(make.events("handoff_created")) == 1


def test_the_database_itself_holds_one_active_bridge_for_a_vaga(now: datetime) -> None:
    first = bridges.opened(now=now)
    values = {
        "vaga": first.vaga,
        "divulgador": first.divulgador,
        "created_at": now,
        "starts_at": now,
        "expires_at": first.expires_at,
    }

    with pytest.raises(IntegrityError, match="external_handoffs_one_active_per_vaga"), transaction.atomic():
        ExternalHandoff.objects.create(doctor=make.contact(), **values)

    # Even a vaga that wrongly says that it is open has no second one, and the loser is told so.
    type(first.vaga).objects.update(status="aberta")
    assert bridges.accepted(first.vaga, make.contact(), now=now) == Refused(reason=Refusal.VAGA_TAKEN)
    bridges.decided(first, Decision.NOT_CONFIRMED, now=now)
    assert isinstance(bridges.accepted(first.vaga, make.contact(), now=now), Opened)


def test_who_accepts_twice_is_told_that_he_has(now: datetime) -> None:
    handoff = bridges.opened(now=now)

    assert bridges.accepted(handoff.vaga, handoff.doctor, now=now) == Refused(reason=Refusal.ALREADY_ACCEPTED)
    assert bridges.accepted(handoff.vaga, make.contact(), now=now) == Refused(reason=Refusal.VAGA_TAKEN)
    bridges.decided(handoff, Decision.CONFIRMED, now=now)
    assert bridges.accepted(handoff.vaga, make.contact(), now=now) == Refused(reason=Refusal.VAGA_CLOSED)


def test_with_the_switch_off_there_are_no_new_bridges(now: datetime) -> None:
    vaga, doctor = bridges.vaga(), make.contact()
    FeatureFlag.objects.filter(key=FlagKey.EXTERNAL_HANDOFF).update(value={"enabled": False, "canary_pct": 100})

    assert bridges.accepted(vaga, doctor, now=now) == Refused(reason=Refusal.FEATURE_DISABLED)
    assert not OutboundMessage.objects.exists()

    bridges.switch_on()
    assert isinstance(bridges.accepted(vaga, doctor, now=now), Opened)


def test_a_doctor_is_in_when_his_bucket_is_below_the_percentage(now: datetime) -> None:
    vaga, doctor = bridges.vaga(), make.contact()

    bridges.switch_on(pct=doctor.bucket)
    assert bridges.accepted(vaga, doctor, now=now) == Refused(reason=Refusal.CANARY_BLOCKED)

    bridges.switch_on(pct=doctor.bucket + 1)
    assert isinstance(bridges.accepted(vaga, doctor, now=now), Opened)


def test_a_divulgador_who_opted_out_is_not_written_to_and_a_person_is_called(
    now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    vaga = bridges.vaga(divulgador=bridges.divulgador(opted_out_at=now))

    result = bridges.accepted(vaga, make.contact(), now=now)

    assert isinstance(result, NeedsPerson)
    assert result.reason == "divulgador_opted_out"
    assert not OutboundMessage.objects.exists()
    (event,) = make.events("handoff_manual_required")
    assert event.event_props["reason"] == "divulgador_opted_out"
    assert f"handoff_manual_required: bridge {result.id}" in caplog.text
    vaga.refresh_from_db()
    assert vaga.status == "reservada"

    with transaction.atomic():
        contacts.opt_in(contact_id=vaga.divulgador_id, actor="ana", reason="pediu", now=now)
    assert isinstance(bridges.accepted(bridges.vaga(divulgador=vaga.divulgador), make.contact(), now=now), Opened)


def test_only_a_doctor_can_accept(now: datetime) -> None:
    vaga = bridges.vaga()

    assert bridges.accepted(vaga, bridges.divulgador(), now=now) == Refused(reason=Refusal.NOT_A_DOCTOR)


@pytest.mark.parametrize(
    ("accepted_at", "contacts_at"),
    [
        (FRIDAY.replace(hour=7, minute=59, second=59, microsecond=999_999), FRIDAY.replace(hour=8)),
        (FRIDAY.replace(hour=8), FRIDAY.replace(hour=8)),
        (
            FRIDAY.replace(hour=19, minute=59, second=59, microsecond=999_999),
            FRIDAY.replace(hour=19, minute=59, second=59, microsecond=999_999),
        ),
        (FRIDAY.replace(hour=20), MONDAY_8),
        (FRIDAY + timedelta(days=1, hours=12), MONDAY_8),
    ],
)
def test_outside_hours_both_are_written_to_at_the_next_opening_and_the_clock_starts_then(
    accepted_at: datetime, contacts_at: datetime, settings: Any
) -> None:
    settings.BUSINESS_HOURS = WORKING_HOURS

    result = bridges.accepted(bridges.vaga(), make.contact(), now=accepted_at.astimezone(UTC))

    assert isinstance(result, Opened)
    assert result.contacts_at == contacts_at
    handoff = ExternalHandoff.objects.get()
    assert handoff.expires_at == contacts_at + timedelta(hours=48)
    assert set(OutboundMessage.objects.values_list("due_at", flat=True)) == {contacts_at}


def test_a_holiday_is_outside_hours(settings: Any) -> None:
    # Friday 2026-12-25.
    christmas = datetime(2026, 12, 25, 12, tzinfo=SAO_PAULO)
    settings.BUSINESS_HOURS = BusinessHours.parse("mon-fri 08:00-20:00", closed_on=parse_holidays("BR-SP"))

    result = bridges.accepted(bridges.vaga(), make.contact(), now=christmas)

    assert isinstance(result, Opened)
    assert result.contacts_at == datetime(2026, 12, 28, 8, tzinfo=SAO_PAULO)


def test_accepting_needs_somebody_and_a_reason(now: datetime) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        accept(vaga_id=bridges.vaga().pk, doctor_id=make.contact().pk, actor=" ", reason="x", now=now)
