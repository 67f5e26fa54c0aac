"""Who may: Slack users bound to active users with a role, from our workspace and channels; all others are refused."""

from __future__ import annotations

from typing import Any

import pytest

from canary import flags
from julia.access import Level
from julia.slack.commands import Command, Name, parse
from julia.slack.permissions import may
from outbound.models import OutboundMessage
from tests.factories import outbound
from tests.factories import slack as make
from tests.integration.julia.conftest import Console

STOP = "pausar_julia agora"


def refusals() -> list[dict[str, Any]]:
    return [event.event_props for event in outbound.events("slack_refused")]


def test_a_stranger_is_refused_politely_with_an_event(console: Console) -> None:
    answer = console.say(STOP, user="U0EVE")

    assert answer["text"] == "Ainda não conheço você. Peça a um admin da Julia que cadastre seu usuário do Slack."
    assert answer["response_type"] == "ephemeral"
    assert flags.read().julia_enabled
    assert refusals() == [{"why": "unknown_user", "slack_user_id": "U0EVE"}]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"team_id": "T0OTHER"}, "wrong_workspace"),
        ({"team_id": ""}, "wrong_workspace"),
        ({"channel_id": "C0LUNCH"}, "wrong_channel"),
        ({"channel_id": ""}, "wrong_channel"),
    ],
)
def test_our_people_are_refused_from_elsewhere(changes: dict[str, str], why: str, console: Console) -> None:
    assert console.say("status")["text"].startswith("▶️")

    console.say(STOP, **changes)

    assert flags.read().julia_enabled
    assert refusals() == [{"why": why, "slack_user_id": make.ANA}]


def test_without_lists_any_workspace_of_the_secret_and_any_channel_will_do(console: Console, settings: Any) -> None:
    settings.SLACK_TEAM_ID, settings.SLACK_ALLOWED_CHANNELS = "", frozenset()

    assert console.say("status", team_id="T0OTHER", channel_id="D0ANA")["text"].startswith("▶️")


def test_who_left_is_a_stranger(console: Console) -> None:
    bia = make.person(make.BIA, "bia")
    assert console.say("status", user=make.BIA)["text"].startswith("▶️")

    type(bia).objects.filter(pk=bia.pk).update(is_active=False)

    assert console.say("status", user=make.BIA)["text"].startswith("Ainda não conheço você.")


def test_without_a_role_one_may_nothing(console: Console) -> None:
    bia = make.person(make.BIA, "bia")
    bia.groups.clear()

    assert console.say("status", user=make.BIA)["text"].startswith("Você ainda não tem papel na Julia.")
    assert refusals() == [{"why": "no_role", "slack_user_id": make.BIA}]


def test_a_viewer_sees_and_does_nothing(console: Console) -> None:
    make.person(make.BIA, "bia", level=Level.VIEWER)

    for line in ("status", "saude", "incidentes", "ajuda", "toggle_campanhas status"):
        assert "papel" not in console.say(line, user=make.BIA)["text"]
    for line in (STOP, "retomar_julia", "toggle_campanhas off", "optout 11987654321", "enviar", "drill all"):
        assert console.say(line, user=make.BIA)["text"].startswith("O seu papel não permite isso.")

    assert flags.read().julia_enabled
    assert {props["command"] for props in refusals()} == {
        "pausar_julia", "retomar_julia", "toggle_campanhas off", "optout", "enviar", "drill all"
    }  # fmt: skip


def test_help_lists_what_one_may(console: Console) -> None:
    make.person(make.BIA, "bia", level=Level.VIEWER)

    hers, anas = (console.say("ajuda", user=user)["text"] for user in (make.BIA, make.ANA))

    assert "`/saude`" in hers
    assert "`/canary status|promover|reduzir PCT [agora] [motivo]`" in hers
    assert "/pausar_julia" not in hers
    assert "`/pausar_julia [agora] [motivo]`" in anas


@pytest.mark.parametrize(
    ("line", "least"),
    [
        ("status", Level.VIEWER),
        ("saude", Level.VIEWER),
        ("explicar 11987654321", Level.VIEWER),
        ("incidentes", Level.VIEWER),
        ("handoffs", Level.VIEWER),
        ("ajuda", Level.VIEWER),
        ("canary status", Level.VIEWER),
        ("toggle_campanhas status", Level.VIEWER),
        ("toggle_ponte_externa status", Level.VIEWER),
        ("pausar_julia", Level.OPERATOR),
        ("retomar_julia", Level.OPERATOR),
        ("toggle_campanhas on", Level.OPERATOR),
        ("toggle_campanhas off", Level.OPERATOR),
        ("toggle_ponte_externa on 10", Level.OPERATOR),
        ("toggle_ponte_externa off", Level.OPERATOR),
        ("canary reduzir 10", Level.OPERATOR),  # shrinking is always allowed
        ("canary promover", Level.ADMIN),
        ("enviar", Level.OPERATOR),
        ("optout 11987654321", Level.OPERATOR),
        ("drill all", Level.OPERATOR),
    ],
)
def test_each_command_takes_its_role(line: str, least: Level) -> None:
    command = parse(line)

    assert isinstance(command, Command)
    assert [may(level, command) for level in Level] == [least in level.included for level in Level]


def test_sending_past_the_rules_takes_a_staff_user(console: Console) -> None:
    make.person(make.BIA, "bia", is_staff=False)
    console.say("enviar 11987654321")
    assert len(console.slack.opened) == 1

    answer = console.say("enviar 11987654321", user=make.BIA)

    assert answer["text"].startswith("Só usuários da equipe")
    assert len(console.slack.opened) == 1


@pytest.mark.parametrize("user_id", ["5511987654321", "ana@example.org", "U" * 500, "U0' OR 1=1"])
def test_an_event_never_holds_what_is_no_slack_id(user_id: str, console: Console) -> None:
    console.say("status", user=user_id)

    assert refusals() == [{"why": "unknown_user"}]


@pytest.mark.parametrize("name", list(Name))
def test_every_command_is_refused_to_a_stranger(name: Name, console: Console) -> None:
    assert console.say(f"{name} 11987654321", user="U0EVE")["text"].startswith("Ainda não conheço você.")


def test_a_strangers_click_and_form_do_nothing(console: Console) -> None:
    asked = console.say("pausar_julia")

    clicked = console.press("confirm", make.buttons(asked)["confirm"], user="U0EVE")
    paused = console.press("pause_julia", user="U0EVE")
    sent = console.submit(user="U0EVE", phone="11987654321", reason="x", text="Olá")

    assert clicked["text"].startswith("Ainda não conheço você.")
    assert paused["text"].startswith("Ainda não conheço você.")
    assert "Ainda não conheço você." in sent["view"]["blocks"][0]["text"]["text"]
    assert flags.read().julia_enabled
    assert OutboundMessage.objects.count() == 0
