"""Fase A, Pré-requisitos: "Kill switch Julia | `pausar_julia` via Slack"; Fase B, Gap B1: "Toggle campanhas via Slack".

Requests signed as Slack signs them, against the real web process, while real workers send: the acknowledgment comes
once the switch is durable, and what leaves after it is what it declared to be in flight.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from canary import flags
from julia import processes
from outbound.evolution.sandbox import RunningSandbox
from tests.acceptance.conftest import AMPLE_LIMITS
from tests.acceptance.observing import by_status, is_quiet
from tests.acceptance.proxies import FreezableProxy
from tests.factories import outbound
from tests.factories import slack as make
from tests.waiting import wait_for

MESSAGES = 400
UNDER_WAY = 40


@pytest.fixture
def told(httpserver: HTTPServer) -> list[str]:
    """What was answered through the response_url."""
    texts: list[str] = []

    def take(request: Request) -> Response:
        texts.append(request.get_json()["text"])
        return Response("ok")

    httpserver.expect_request("/response").respond_with_handler(take)
    return texts


@pytest.fixture
def slack_env(process_env: dict[str, str], httpserver: HTTPServer) -> dict[str, str]:
    return {
        **process_env,
        "SLACK_SIGNING_SECRET": make.SECRET,
        "SLACK_API_URL": httpserver.url_for("/api/"),
        "SLACK_TEAM_ID": make.TEAM,
        "SLACK_ALLOWED_CHANNELS": make.CHANNEL,
    }


@pytest.fixture
def start_web(outbox_ready: None, slack_env: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start the real web process; Ana may use it."""
    make.person(make.ANA, "ana")
    with ExitStack() as stack:

        def start(**env: str) -> str:
            return stack.enter_context(processes.web(env={**slack_env, **env}, log=tmp_path / "web.log"))

        yield start


def post(url: str, body: bytes) -> Any:
    signed = make.sign(body)
    answer = httpx.post(url, content=signed.body, headers=signed.headers, timeout=10)
    assert answer.status_code == 200, answer.content
    return answer.json() if answer.content else None


def test_pausing_from_slack_under_load_lets_out_only_what_it_declared(
    start_web: Callable[..., str],
    start_workers: Callable[..., Any],
    sandbox: RunningSandbox,
    slack_env: dict[str, str],
    httpserver: HTTPServer,
    told: list[str],
    now: datetime,
) -> None:
    sandbox.set_latency(ms=50)
    for _ in range(MESSAGES):
        outbound.queued(outbound.contact(), now=now)
    web = start_web()
    start_workers(2, **{**slack_env, "OUTBOUND_CONCURRENCY": "8", "OUTBOUND_RATE_LIMITS": AMPLE_LIMITS})
    wait_for(lambda: len(sandbox.requests()) >= UNDER_WAY, seconds=60, what="sending")

    # pausar_julia, by its own slash command
    line = {"command": "/pausar_julia", "response_url": httpserver.url_for("/response")}
    answer = post(f"{web}/slack/commands", make.slash("agora mensagens estranhas", **line))
    asked_before = len(sandbox.requests())

    assert not flags.read().julia_enabled
    declared = _in_flight(answer["text"])
    wait_for(is_quiet, seconds=60, what="the pause")
    asked_after = len(sandbox.requests())
    assert asked_after - asked_before <= declared <= 16
    assert asked_after < MESSAGES
    if declared:
        wait_for(lambda: told, seconds=60, what="the follow-up")
        assert told == ["Os envios que estavam em voo terminaram."]

    # retomar_julia, with its confirmation
    asked = post(f"{web}/slack/commands", make.slash("retomar_julia", response_url=line["response_url"]))
    assert f"{MESSAGES - asked_after} mensagens retidas podem sair" in asked["text"]
    click = make.clicked("confirm", value=make.buttons(asked)["confirm"], response_url=line["response_url"])
    post(f"{web}/slack/interactions", click)
    wait_for(lambda: by_status() == {"sent": MESSAGES}, seconds=90, what="sending the rest")
    assert told[-1].startswith("A Julia está ligada.")
    assert len({message.text for message in sandbox.delivered()}) == len(sandbox.delivered()) == MESSAGES


def test_a_database_that_falls_silent_keeps_nobody_waiting_and_is_told_of_when_it_speaks_again(
    start_web: Callable[..., str], httpserver: HTTPServer, told: list[str], tmp_path: Path
) -> None:
    database = connection.settings_dict
    with FreezableProxy(server=Path(database["HOST"])) as proxy:
        url = f"postgresql://{database['USER']}@/{database['NAME']}?host={proxy.folder}"
        web = start_web(DATABASE_URL=url)
        more = {"response_url": httpserver.url_for("/response")}
        assert post(f"{web}/slack/commands", make.slash("status", **more))["text"].startswith("▶️")

        # Silent when it is asked for a connection: nothing was done, for sure.
        proxy.freeze()
        text, took_s = _timed(lambda: post(f"{web}/slack/commands", make.slash("pausar_julia agora", **more)))
        assert text.startswith("O banco de dados não responde a tempo: nada foi feito.")
        assert took_s < 3
        proxy.thaw()

        # Silent in the midst of it: nobody knows yet, and then it is told.
        proxy.freeze_at(b"slack_requests")
        text, took_s = _timed(lambda: post(f"{web}/slack/commands", make.slash("pausar_julia agora", **more)))
        assert text.startswith("O banco de dados emudeceu: ainda não sei se foi feito.")
        assert took_s < 3
        proxy.thaw()
        wait_for(lambda: told, seconds=60, what="the outcome")

    is_paused = "A Julia está pausada." in told[0]
    assert is_paused or "nada foi feito" in told[0]
    assert flags.read().julia_enabled is not is_paused


def _timed(ask: Callable[[], Any]) -> tuple[str, float]:
    started_at = time.monotonic()
    text = ask()["text"]
    return text, time.monotonic() - started_at


def _in_flight(text: str) -> int:
    """What the acknowledgment declares."""
    if "Nenhum envio está em voo." in text:
        return 0
    return int(text.rsplit("\n", 1)[-1].split(maxsplit=1)[0])
