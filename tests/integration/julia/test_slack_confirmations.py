"""Critical commands ask back: for five minutes, who asked, once; everybody else who clicks is told so."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from canary import flags
from canary.models import FeatureFlagChange
from julia.slack import identities
from tests.factories import outbound
from tests.factories import slack as make
from tests.integration.julia.conftest import Console


def confirm(console: Console, line: str, **more: Any) -> dict[str, Any]:
    asked = console.say(line)
    return console.press("confirm", make.buttons(asked)["confirm"], **more)


def test_a_stop_asks_back_in_numbers_and_happens_when_confirmed(console: Console, now: datetime) -> None:
    for _ in range(37):
        outbound.queued(outbound.contact(), now=now)

    asked = console.say("pausar_julia mensagens estranhas")

    assert "37 mensagens na fila ficam retidas. Nenhum envio está em voo." in asked["text"]
    assert asked["response_type"] == "in_channel"
    assert flags.read().julia_enabled

    done = console.press("confirm", make.buttons(asked)["confirm"])

    assert not flags.read().julia_enabled
    assert done["replace_original"] is True
    assert "A Julia está pausada.\nPor ana: mensagens estranhas" in done["text"]
    change = FeatureFlagChange.objects.get()
    assert (change.key, change.actor, change.reason) == ("julia", "ana", "mensagens estranhas")


def test_status_asks_nothing_back(console: Console) -> None:
    assert console.say("toggle_campanhas status")["text"] == "As campanhas estão ligadas."
    assert make.buttons(console.say("toggle_campanhas")) == {}


@pytest.mark.parametrize(
    ("line", "is_done"),
    [
        ("pausar_julia agora", lambda now_set: not now_set.julia_enabled),
        ("para as campanhas agora", lambda now_set: not now_set.campaigns_enabled),
        ("toggle_ponte_externa off agora", lambda now_set: not now_set.handoff_enabled),
    ],
)
def test_stopping_is_one_step_with_agora(line: str, is_done: Callable[..., bool], console: Console) -> None:
    confirm(console, "toggle_ponte_externa on 10")

    answer = console.say(line)

    assert make.buttons(answer) == {}
    assert answer["response_type"] == "in_channel"
    assert is_done(flags.read())


def test_everything_there_is_to_switch_can_be_switched_back(console: Console) -> None:
    console.say("pausar_julia agora")
    console.say("toggle_campanhas off agora")

    assert "A Julia está ligada" in confirm(console, "retomar_julia resolvido")["text"]
    assert "As campanhas estão ligadas" in confirm(console, "liga campanhas")["text"]
    assert "ligada para 10% dos médicos" in confirm(console, "toggle_ponte_externa on 10")["text"]

    now_set = flags.read()
    assert (now_set.julia_enabled, now_set.campaigns_enabled) == (True, True)
    assert (now_set.handoff_enabled, now_set.handoff_pct) == (True, 10)


def test_a_double_click_is_told_so(console: Console) -> None:
    asked = console.say("pausar_julia")
    console.press("confirm", make.buttons(asked)["confirm"])

    again = console.press("confirm", make.buttons(asked)["confirm"])

    assert again["text"].startswith("Isto já foi confirmado às ")
    assert (again["response_type"], again["replace_original"]) == ("ephemeral", False)
    assert FeatureFlagChange.objects.count() == 1


def test_many_clicks_at_once_count_once(console: Console) -> None:
    asked = console.say("pausar_julia")
    body = make.clicked("confirm", value=make.buttons(asked)["confirm"], response_url=console.slack.response_url)

    def press(_number: int) -> int:
        try:
            return int(Console(slack=console.slack).send(make.sign(body), "/slack/interactions").status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(press, range(6))) == {200}

    texts = [posted["text"] for posted in console.slack.posted]
    assert sum("A Julia está pausada" in text for text in texts) == 1
    assert sum("já foi confirmado" in text for text in texts) == 5
    assert FeatureFlagChange.objects.count() == 1


def test_a_second_persons_click_is_told_so_and_leaves_the_question_open(console: Console) -> None:
    make.person(make.BIA, "bia")
    asked = console.say("pausar_julia")

    hers = console.press("confirm", make.buttons(asked)["confirm"], user=make.BIA)

    assert hers["text"] == "Só ana pode responder a isto; o seu clique não fez nada."
    assert (hers["response_type"], hers["replace_original"]) == ("ephemeral", False)
    assert flags.read().julia_enabled
    assert "está pausada" in console.press("confirm", make.buttons(asked)["confirm"])["text"]


@pytest.mark.parametrize(("seconds", "is_valid"), [(299, True), (301, False)])
def test_a_question_is_valid_for_five_minutes(seconds: int, is_valid: bool, console: Console) -> None:  # noqa: FBT001
    asked = console.say("pausar_julia")

    with time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=True):
        answer = console.press("confirm", make.buttons(asked)["confirm"])

    assert flags.read().julia_enabled is not is_valid
    assert answer["text"].startswith("A Julia está pausada" if is_valid else "Esta pergunta expirou às ")


def test_what_was_cancelled_is_not_done(console: Console) -> None:
    asked = console.say("pausar_julia")

    assert console.press("cancel", make.buttons(asked)["cancel"])["text"] == "Cancelado; nada foi feito."

    later = console.press("confirm", make.buttons(asked)["confirm"])
    assert later["text"].startswith("Isto já foi cancelado às ")
    assert flags.read().julia_enabled


@pytest.mark.parametrize("id_", ["", "x", "0" * 400, "6f0c5e0a-6f1d-4c58-9a0e-0d3f4f6a7b10"])
def test_a_question_nobody_asked_cannot_be_answered(id_: str, console: Console) -> None:
    assert console.press("confirm", id_)["text"].startswith("Esta pergunta não existe mais")


def test_a_question_is_answered_by_who_still_may(console: Console) -> None:
    asked = console.say("pausar_julia")
    identities.unbind(slack_user_id=make.ANA, actor="tests", now=timezone.now())

    answer = console.press("confirm", make.buttons(asked)["confirm"])

    assert answer["text"].startswith("Ainda não conheço você.")
    assert flags.read().julia_enabled


def test_what_is_waited_for_is_told_in_numbers(console: Console, now: datetime) -> None:
    doctor = outbound.contact()
    outbound.queued(doctor, now=now)
    outbound.queued(doctor, now=now, method="manual")

    assert "1 mensagem na fila fica retida" in console.say("toggle_campanhas off")["text"]
    assert "2 mensagens na fila ficam retidas" in console.say("pausar_julia")["text"]
    assert "canceladas: 2" in console.say(f"optout {doctor.phone}")["text"]
    assert "De 100% para 0%" in console.say("canary reduzir 0")["text"].replace("de 100%", "De 100%")
