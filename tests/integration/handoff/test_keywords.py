"""The divulgador's CONFIRMADO and NÃO FECHOU decide his bridge; with several he is asked; a doctor's words never do."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from handoff.models import ExternalHandoff, Question
from handoff.states import Decision
from handoff.steps import Step
from outbound.models import Contact, OutboundMessage
from tests.factories import handoff as bridges
from tests.factories import outbound as make


@pytest.fixture(autouse=True)
def ready(outbox_ready: None) -> None:
    bridges.switch_on()


@pytest.fixture
def carlos(outbox_ready: None) -> Contact:
    return bridges.divulgador()


def several(count: int, whose: Contact, *, now: datetime) -> list[ExternalHandoff]:
    """Bridges of one divulgador, each opened a second after the one before."""
    hospitals = [f"Hospital {letter}" for letter in "ABCDEFG"[:count]]
    return [
        bridges.contacted(
            now=now + timedelta(seconds=n),
            shift=bridges.vaga(divulgador=whose, hospital=hospital),
            doctor=make.contact(name=f"Dra. {hospital[-1]}"),
        )
        for n, hospital in enumerate(hospitals)
    ]


def statuses() -> list[str]:
    return list(ExternalHandoff.objects.order_by("created_at").values_list("status", flat=True))


def told(contact: Contact) -> list[str]:
    """What waits to be sent to him, apart from what the bridge asks."""
    waiting = OutboundMessage.objects.filter(contact=contact, status="queued").exclude(method="handoff")
    return list(waiting.order_by("created_at").values_list("text", flat=True))


@pytest.mark.parametrize(
    ("text", "status", "vaga"),
    [
        ("CONFIRMADO", "confirmed", "fechada"),
        ("Oi! Já está confirmado, obrigado 👍", "confirmed", "fechada"),
        ("NÃO FECHOU", "not_confirmed", "aberta"),
        ("infelizmente nao fechou", "not_confirmed", "aberta"),
        ("não confirmado ainda", "contacted", "reservada"),
        ("vou confirmar", "contacted", "reservada"),
        ("confirmado?", "contacted", "reservada"),
    ],
)
def test_his_words_decide_or_do_not(text: str, status: str, vaga: str, carlos: Contact, now: datetime) -> None:
    (handoff,) = several(1, carlos, now=now)

    bridges.writes(carlos, text, at=now + timedelta(minutes=5))

    assert statuses() == [status]
    handoff.vaga.refresh_from_db()
    assert handoff.vaga.status == vaga
    if status != "contacted":
        (event,) = make.events(f"handoff_{status}")
        assert (event.event_props["ended_via"], event.event_props["actor_id"]) == ("keyword", f"divulgador:{carlos.pk}")
        assert len(told(carlos)) == len(told(handoff.doctor)) == 1


def test_the_doctors_own_words_never_decide(carlos: Contact, now: datetime) -> None:
    (handoff,) = several(1, carlos, now=now)

    for text in ("CONFIRMADO", "NÃO FECHOU", "1"):
        bridges.writes(handoff.doctor, text, at=now + timedelta(minutes=5))
    bridges.writes(bridges.divulgador(name="Outro"), "CONFIRMADO", at=now + timedelta(minutes=6))

    assert statuses() == ["contacted"]
    bridges.writes(carlos, "CONFIRMADO", at=now + timedelta(minutes=7))
    assert statuses() == ["confirmed"]


def test_with_several_open_he_is_asked_which_and_his_number_decides(carlos: Contact, now: datetime) -> None:
    several(3, carlos, now=now)

    bridges.writes(carlos, "CONFIRMADO", at=now + timedelta(minutes=5))
    assert statuses() == ["contacted"] * 3
    (question,) = told(carlos)
    lines = question.splitlines()
    assert lines[0] == "Qual deles fechou? Responda com o número."
    assert lines[2].startswith("2. Hospital B")
    assert lines[2].endswith("(Dra. B)")

    bridges.writes(carlos, "a 2, por favor", at=now + timedelta(minutes=6))
    assert statuses() == ["contacted", "confirmed", "contacted"]

    # The question is answered: the next number says nothing.
    bridges.writes(carlos, "1", at=now + timedelta(minutes=7))
    assert statuses() == ["contacted", "confirmed", "contacted"]


def test_a_second_confirmado_right_after_the_first_does_not_close_another_shift(carlos: Contact, now: datetime) -> None:
    several(2, carlos, now=now)
    bridges.writes(carlos, "CONFIRMADO", at=now + timedelta(minutes=5))
    bridges.writes(carlos, "1", at=now + timedelta(minutes=6))

    bridges.writes(carlos, "confirmado!", at=now + timedelta(minutes=7))
    assert statuses() == ["confirmed", "contacted"]
    assert told(carlos)[-1].splitlines()[1].startswith("1. Hospital B")

    bridges.writes(carlos, "1", at=now + timedelta(minutes=8))
    assert statuses() == ["confirmed", "confirmed"]


def test_a_number_that_is_not_on_the_list_asks_again(carlos: Contact, now: datetime) -> None:
    several(2, carlos, now=now)
    bridges.writes(carlos, "não fechou", at=now + timedelta(minutes=5))

    bridges.writes(carlos, "7", at=now + timedelta(minutes=6))
    assert statuses() == ["contacted", "contacted"]
    # Of two questions that wait only the last goes out.
    assert len(told(carlos)) == 1
    (superseded,) = OutboundMessage.objects.filter(status="blocked")
    assert superseded.reason == "question_superseded"

    bridges.writes(carlos, "1", at=now + timedelta(minutes=7))
    assert statuses() == ["not_confirmed", "contacted"]


def test_a_number_answers_for_two_days_and_no_longer(carlos: Contact, now: datetime) -> None:
    several(2, carlos, now=now)
    bridges.writes(carlos, "CONFIRMADO", at=now + timedelta(minutes=5))
    Question.objects.update(asked_at=now - timedelta(hours=48))

    bridges.writes(carlos, "1", at=now + timedelta(minutes=6))
    assert statuses() == ["contacted", "contacted"]

    Question.objects.update(asked_at=now - timedelta(hours=47))
    bridges.writes(carlos, "1", at=now + timedelta(minutes=6))
    assert statuses() == ["confirmed", "contacted"]


def test_who_repeats_himself_is_told_what_was_decided(carlos: Contact, now: datetime) -> None:
    (handoff,) = several(1, carlos, now=now)
    bridges.decided(handoff, Decision.CONFIRMED, now=now + timedelta(minutes=1))

    bridges.writes(carlos, "NÃO FECHOU", at=now + timedelta(minutes=5))

    assert statuses() == ["confirmed"]
    assert told(carlos)[-1].startswith("Registrado: o plantão Hospital A")


def test_a_bridge_he_was_not_asked_about_is_not_his_to_decide_yet(carlos: Contact, now: datetime) -> None:
    waiting = bridges.opened(now=now, shift=bridges.vaga(divulgador=carlos))

    bridges.writes(carlos, "CONFIRMADO", at=now + timedelta(minutes=5))
    assert statuses() == ["pending"]

    bridges.mark_sent(waiting, at=now + timedelta(minutes=6))
    bridges.writes(carlos, "CONFIRMADO", at=now + timedelta(minutes=7))
    assert statuses() == ["confirmed"]


def test_a_word_that_arrives_late_is_about_what_he_had_been_asked_when_he_wrote(carlos: Contact, now: datetime) -> None:
    several(1, carlos, now=now)
    later = now + timedelta(hours=1)
    several(1, carlos, now=later)

    bridges.writes(carlos, "CONFIRMADO", at=now + timedelta(minutes=10), now=later + timedelta(minutes=1))

    assert statuses() == ["confirmed", "contacted"]


def test_after_48_hours_it_is_too_late(carlos: Contact, now: datetime) -> None:
    (handoff,) = several(1, carlos, now=now)

    bridges.writes(carlos, "CONFIRMADO", at=handoff.expires_at, now=handoff.expires_at)

    assert statuses() == ["contacted"]
    bridges.writes(carlos, "CONFIRMADO", at=now, now=handoff.expires_at - timedelta(microseconds=1))
    assert statuses() == ["confirmed"]


def test_the_same_notice_twice_is_heard_once(carlos: Contact, now: datetime) -> None:
    (handoff,) = several(1, carlos, now=now)

    for _ in range(3):
        bridges.writes(carlos, "CONFIRMADO", at=now + timedelta(minutes=5))

    assert len(make.events("handoff_confirmed")) == 1
    assert handoff.messages.filter(step=Step.DOCTOR_OUTCOME).count() == 1
