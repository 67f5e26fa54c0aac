"""Slack is answered within three seconds whatever the database and Redis do, and never told more than is known."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection

from canary import flags
from tests.factories import slack as make
from tests.integration.julia.conftest import Console
from tests.integration.julia.working import work
from tests.waiting import wait_for

WITHIN_S = 3.0


@contextmanager
def locked(table: str) -> Iterator[None]:
    """Have somebody hold a table against everybody."""
    database = connection.settings_dict
    with psycopg.connect(dbname=database["NAME"], user=database["USER"], host=database["HOST"]) as somebody:
        somebody.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield
        somebody.rollback()


def _kill_who_waits() -> int:
    database = connection.settings_dict
    with psycopg.connect(dbname=database["NAME"], user=database["USER"], host=database["HOST"]) as somebody:
        return somebody.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        ).rowcount


def timed(ask: Callable[[], dict[str, Any]]) -> tuple[str, float]:
    started_at = time.monotonic()
    text = ask()["text"]
    return text, time.monotonic() - started_at


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    from django_rq import settings as django_rq_settings

    for queue in ("periodic", "console"):
        monkeypatch.setitem(django_rq_settings.QUEUES, queue, {"URL": "unix:///nowhere/redis.sock"})


@pytest.mark.parametrize("table", ["feature_flags", "slack_identities", "slack_requests", "outbound_messages"])
def test_a_locked_table_ends_in_time_with_nothing_done(table: str, console: Console) -> None:
    with locked(table):
        text, took_s = timed(lambda: console.say("pausar_julia agora"))

    assert text.startswith("O banco de dados não responde a tempo: nada foi feito.")
    assert took_s < WITHIN_S
    assert flags.read().julia_enabled
    # Nothing lingers that would do it later, and asking again does it.
    assert "está pausada" in console.say("pausar_julia agora")["text"]


def test_a_connection_that_breaks_in_the_midst_is_told_as_it_is(console: Console) -> None:
    with locked("feature_flags"), ThreadPoolExecutor(1) as pool:
        pool.submit(wait_for, _kill_who_waits, what="somebody who waits for the lock")
        text, took_s = timed(lambda: console.say("pausar_julia agora"))

    assert text == "Algo deu errado no meio, e não sei se foi feito. Veja `status`."
    assert took_s < WITHIN_S


def test_a_click_on_a_locked_table_is_acknowledged_and_told(console: Console) -> None:
    asked = console.say("pausar_julia")

    with locked("feature_flags"):
        text, took_s = timed(lambda: console.press("confirm", make.buttons(asked)["confirm"]))

    assert "nada foi feito" in text
    assert took_s < WITHIN_S
    assert flags.read().julia_enabled


def test_a_form_on_a_locked_table_is_told(console: Console) -> None:
    with locked("outbound_messages"):
        shown = console.submit(phone="11987654321", reason="pediu", text="Olá")

    assert "nada foi feito" in shown["view"]["blocks"][0]["text"]["text"]


def test_a_database_that_is_away_is_told(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")

    text, took_s = timed(lambda: console.say("pausar_julia agora"))

    assert text.startswith("O banco de dados não responde a tempo: nada foi feito.")
    assert took_s < WITHIN_S


def test_what_only_reads_is_left_to_a_worker_when_the_database_is_slow(console: Console) -> None:
    with locked("outbound_messages"):
        text, took_s = timed(lambda: console.say("status"))
    assert text == "Leva um pouco; a resposta chega aqui."
    assert took_s < WITHIN_S

    work("console")

    assert console.slack.last()["text"].startswith("▶️ A Julia está ligada.")


def test_what_only_reads_is_told_so_when_there_is_no_worker_either(console: Console, no_redis: None) -> None:
    with locked("outbound_messages"):
        text, took_s = timed(lambda: console.say("status"))

    assert "nada foi feito" in text
    assert took_s < WITHIN_S


def test_a_stop_needs_no_redis(console: Console, no_redis: None) -> None:
    text, took_s = timed(lambda: console.say("pausar_julia agora"))

    assert "A Julia está pausada." in text
    assert took_s < WITHIN_S


def test_what_a_worker_would_do_is_told_to_be_undone_without_redis(console: Console, no_redis: None) -> None:
    asked = console.say("drill all")

    answer = console.press("confirm", make.buttons(asked)["confirm"])

    assert answer["text"] == "Nenhum worker pode ser chamado (o Redis não responde): nada foi feito."


def test_a_slow_slack_delays_no_acknowledgment(console: Console) -> None:
    import threading

    answered = threading.Event()
    console.slack.delay = lambda: answered.wait(10)
    signed = make.sign(make.clicked("pause_julia", response_url=console.slack.response_url))
    started_at = time.monotonic()

    answer = console.send(signed, "/slack/interactions")

    assert answer.status_code == 200
    assert time.monotonic() - started_at < WITHIN_S
    assert not flags.read().julia_enabled
    answered.set()
    wait_for(lambda: console.slack.posted, what="the answer")


def test_logs_name_no_phone_and_no_response_url(
    console: Console, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    caplog.set_level("INFO")
    with locked("contacts"):
        console.say("explicar 11987654321")
    work("console")
    settings.SLACK_API_URL = "https://slack.com/api/"
    console.send(make.sign(make.clicked("pause_julia", response_url=console.slack.response_url)), "/slack/interactions")

    assert "julia.slack.jobs.carry_out" in caplog.text
    assert "98765" not in caplog.text
    assert console.slack.response_url not in caplog.text
