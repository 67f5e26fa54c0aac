"""`enviar`: a person sends one message past the rules, with a reason, through a form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from outbound.models import OutboundMessage
from tests.factories import outbound
from tests.factories import slack as make
from tests.integration.julia.conftest import Console

LINE = "enviar 11 98765-4321 motivo pediu o contrato texto Olá!\nSegue o contrato."
FIELDS = {"phone": "11987654321", "reason": "pediu o contrato", "text": "Olá! Segue o contrato."}


def test_the_form_opens_with_what_was_written(console: Console) -> None:
    answer = console.say(LINE, trigger_id="13345224609.738474920")

    assert answer["text"] == "Preencha o formulário e envie; até lá nada sai."
    (opened,) = console.slack.opened
    assert opened["trigger_id"] == "13345224609.738474920"
    inputs = {block["block_id"]: block["element"] for block in opened["view"]["blocks"] if block["type"] == "input"}
    assert {name: element.get("initial_value") for name, element in inputs.items()} == {
        "phone": "5511987654321",
        "reason": "pediu o contrato",
        "text": "Olá!\nSegue o contrato.",
    }
    assert OutboundMessage.objects.count() == 0


def test_what_is_sent_is_the_documents_bypass(console: Console, now: datetime) -> None:
    doctor = outbound.contact(phone="5511987654321", opted_out_at=now)

    shown = console.submit(**FIELDS)

    message = OutboundMessage.objects.get()
    assert (message.contact_id, message.method, message.channel) == (doctor.pk, "manual", "slack")
    assert (message.actor_type, message.actor_id, message.bypass_reason) == ("human", "ana", "pediu o contrato")
    assert message.text == "Olá! Segue o contrato."
    assert shown["response_action"] == "update"
    assert str(message.pk) in shown["view"]["blocks"][0]["text"]["text"]


def test_the_bypass_lets_it_out(console: Console, now: datetime, make_dispatcher: Any, sandbox: Any) -> None:
    outbound.contact(phone="5511987654321", opted_out_at=now)
    console.submit(**FIELDS)

    make_dispatcher().drain(seconds=5)

    assert [message.text for message in sandbox.delivered()] == ["Olá! Segue o contrato."]
    (event,) = outbound.events("outbound_bypass")
    assert (event.event_props["bypass_reason"], event.event_props["actor_id"]) == ("pediu o contrato", "ana")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"phone": "12"}, "phone", "não é um telefone"),
        ({"phone": ""}, "phone", "não é um telefone"),
        ({"reason": ""}, "reason", "precisa de um motivo"),
        ({"reason": " \x00 "}, "reason", "precisa de um motivo"),
        ({"reason": "ligou do 11 98765-4321"}, "reason", "dado pessoal"),  # it stands in events for good
        ({"text": " "}, "text", "está vazi"),
        ({"text": "a" * 5000}, "text", "4096"),
    ],
)
def test_a_field_to_be_mended_is_named_and_nothing_is_lost(
    changes: dict[str, str], field: str, words: str, console: Console
) -> None:
    answer = console.submit(**{**FIELDS, **changes})

    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == [field]
    assert words in answer["errors"][field]
    assert OutboundMessage.objects.count() == 0
    assert console.submit(**FIELDS)["response_action"] == "update"


def test_the_same_form_twice_sends_once(console: Console) -> None:
    signed = make.sign(make.submitted(**FIELDS))
    console.send(signed, "/slack/interactions")

    again = console.send(signed, "/slack/interactions").json()
    other = console.submit(**FIELDS)

    assert "já tinha chegado" in again["view"]["blocks"][0]["text"]["text"]
    assert "já está a caminho" in other["view"]["blocks"][0]["text"]["text"]
    assert OutboundMessage.objects.count() == 1


def test_a_form_slack_does_not_open_is_told(console: Console, settings: Any) -> None:
    console.slack.refusal = "expired_trigger_id"
    assert console.say(LINE)["text"] == "O Slack não abriu o formulário. Nada foi enviado; tente de novo."

    settings.SLACK_BOT_TOKEN = ""
    assert "falta SLACK_BOT_TOKEN" in console.say(LINE)["text"]
