"""The buttons of alerts and of the daily summary do what they say, and the messages are what Slack accepts."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from slack_sdk.models.blocks import Block

from canary import flags
from canary.models import FeatureFlagChange
from julia.slack import blocks
from tests.factories import slack as make
from tests.integration.julia.conftest import Console

ADMIN = "https://julia.example.org/admin/"
ALERT = blocks.alert("Um contato <ana> foi avisado.", title="P0 Vazamento", admin_url=ADMIN, incident_id=7)
SUMMARY = blocks.daily_summary("*Saúde*\n" + "x" * 200 + "\n" * 3 + "y" * 5000, admin_url=ADMIN)
HEALTH = blocks.health(
    [
        blocks.Line(name="queue_age", shown="3 s", threshold="< 120 s", is_ok=True),
        blocks.Line(name="duplicates", shown="2", threshold="= 0", is_ok=False, action="Pausar a Julia."),
    ],
    title="Saúde",
)


@pytest.mark.parametrize("built", [ALERT, SUMMARY, HEALTH, blocks.question("Pausar?", id_=uuid4(), yes="Confirmar")])
def test_slack_would_accept_it(built: list[Block]) -> None:
    for block in built:
        block.validate_json()

    assert len(built) <= 50


def test_an_alert_can_be_acted_upon(console: Console) -> None:
    message = {"blocks": [block.to_dict() for block in ALERT]}

    assert make.buttons(message) == {"pause_julia": "", "acknowledge_incident": "7", "open_admin": ""}
    assert "&lt;ana&gt;" in message["blocks"][1]["text"]["text"]


def test_the_pause_button_pauses(console: Console) -> None:
    answer = console.press("pause_julia")

    assert "A Julia está pausada.\nPor ana: pausar_julia (Slack)" in answer["text"]
    assert (answer["response_type"], answer["replace_original"]) == ("in_channel", False)
    assert not flags.read().julia_enabled


def test_a_replayed_pause_button_pauses_once(console: Console) -> None:
    signed = make.sign(make.clicked("pause_julia", response_url=console.slack.response_url))
    console.send(signed, "/slack/interactions")
    resume = console.say("retomar_julia")
    console.press("confirm", make.buttons(resume)["confirm"])

    console.send(signed, "/slack/interactions")

    assert flags.read().julia_enabled
    assert FeatureFlagChange.objects.count() == 2


def test_a_link_is_acknowledged_and_nothing_else(console: Console) -> None:
    answer = console.send(make.sign(make.clicked("open_admin")), "/slack/interactions")

    assert (answer.status_code, answer.content, console.slack.posted) == (200, b"", [])


@pytest.mark.parametrize("value", ["", "x", "\u0667", "9" * 400, "-1"])
def test_what_is_no_incidents_number_is_told_so(value: str, console: Console) -> None:
    assert "`incidentes`" in console.press("acknowledge_incident", value)["text"]


def test_an_answer_goes_nowhere_but_to_slack(console: Console, httpserver: Any) -> None:
    httpserver.expect_request("/evil").respond_with_data("")
    evil = httpserver.url_for("/evil").replace("localhost", "127.0.0.1")

    answer = console.send(make.sign(make.clicked("pause_julia", response_url=evil)), "/slack/interactions")

    assert answer.status_code == 200
    assert not flags.read().julia_enabled
    assert [request.path for request, _answer in httpserver.log] == []
