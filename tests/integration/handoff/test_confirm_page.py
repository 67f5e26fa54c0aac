"""`/handoff/confirm?t=…`: GET shows and changes nothing, a POST from our own form decides, the first one for good."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core import signing
from django.core.cache import cache
from django.db import connection
from django.test import Client

from handoff import tokens
from handoff.models import ExternalHandoff
from handoff.states import Decision
from handoff.steps import Step
from handoff.tokens import Link
from tests.factories import handoff as bridges
from tests.factories import outbound as make

PATH = "/handoff/confirm"
# A few rounds keep every run honest; CONFIRM_ROUNDS=100 plays them all.
ROUNDS = int(os.environ.get("CONFIRM_ROUNDS", "3"))
POSTS = 50


@pytest.fixture(autouse=True)
def ready(outbox_ready: None) -> None:
    bridges.switch_on()


@pytest.fixture
def handoff(now: datetime) -> ExternalHandoff:
    return bridges.contacted(now=now)


def token(handoff: ExternalHandoff, decision: Decision = Decision.CONFIRMED, **changes: Any) -> str:
    expires_at = changes.get("expires_at", handoff.expires_at)
    return tokens.issue(Link(handoff_id=changes.get("id", handoff.pk), decision=decision), expires_at=expires_at)


def strict_client() -> Client:
    """A browser: it must bring the form's token and the cookie, and hides where it comes from as the page demands."""
    return Client(enforce_csrf_checks=True, headers={"origin": "null"})


def form(client: Client, t: str) -> dict[str, str]:
    """Open the link, and give what its button would send."""
    page = client.get(PATH, {"t": t}).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)">', page))


def press(client: Client, t: str) -> Any:
    """Open the link and press its button."""
    return client.post(f"{PATH}?t={t}", form(client, t))


def links_in(text: str) -> list[str]:
    return re.findall(r"/handoff/confirm\?t=([\w:.-]+)", text)


def status(handoff: ExternalHandoff) -> tuple[str, str]:
    handoff.refresh_from_db()
    handoff.vaga.refresh_from_db()
    return handoff.status, handoff.vaga.status


def test_the_message_carries_both_links_and_each_opens_its_question(handoff: ExternalHandoff) -> None:
    yes, no = links_in(bridges.message(handoff, Step.REQUEST).text)

    assert "O plantão fechou?" in Client().get(PATH, {"t": yes}).content.decode()
    assert "O plantão não fechou?" in Client().get(PATH, {"t": no}).content.decode()


@pytest.mark.parametrize(
    ("decision", "bridge", "vaga", "event", "told"),
    [
        (Decision.CONFIRMED, "confirmed", "fechada", "handoff_confirmed", "confirmou"),
        (Decision.NOT_CONFIRMED, "not_confirmed", "aberta", "handoff_not_confirmed", "não fechou"),
    ],
)
def test_the_button_decides_and_both_are_told(
    handoff: ExternalHandoff, decision: Decision, bridge: str, vaga: str, event: str, told: str
) -> None:
    response = press(strict_client(), token(handoff, decision))

    assert response.status_code == 200
    assert "Registrado" in response.content.decode()
    assert status(handoff) == (bridge, vaga)
    (recorded,) = make.events(event)
    assert recorded.event_props["ended_via"] == "link"
    assert len(make.events("handoff_confirm_clicked")) == 1
    to_doctor = bridges.message(handoff, Step.DOCTOR_OUTCOME)
    assert (to_doctor.contact_id, to_doctor.method, to_doctor.status) == (handoff.doctor_id, "command", "queued")
    assert told in to_doctor.text
    assert bridges.message(handoff, Step.DIVULGADOR_OUTCOME).contact_id == handoff.divulgador_id


def test_the_other_link_and_repeats_are_told_what_was_decided(handoff: ExternalHandoff) -> None:
    client = strict_client()
    yes, no = token(handoff), token(handoff, Decision.NOT_CONFIRMED)
    # Both pages are open before one of the buttons is pressed.
    yes_form, no_form = form(client, yes), form(client, no)
    client.post(f"{PATH}?t={yes}", yes_form)

    pressed_again = client.post(f"{PATH}?t={yes}", yes_form), client.post(f"{PATH}?t={no}", no_form)
    opened_again = client.get(PATH, {"t": yes}), client.get(PATH, {"t": no})

    for response in (*pressed_again, *opened_again):
        assert "Registrado: fechou" in response.content.decode()
        assert "já tinha sido decidido" in response.content.decode()
    assert status(handoff) == ("confirmed", "fechada")
    assert len(make.events("handoff_confirmed")) == 1
    assert make.events("handoff_not_confirmed") == []


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "delete", "patch", "trace"])
@pytest.mark.parametrize("agent", ["WhatsApp/2.23", "facebookexternalhit/1.1", "Slackbot-LinkExpanding 1.0"])
def test_nothing_but_a_post_changes_anything(handoff: ExternalHandoff, method: str, agent: str) -> None:
    before = list(ExternalHandoff.objects.values()), len(make.events("handoff_confirm_clicked"))

    response = getattr(Client(), method)(f"{PATH}?t={token(handoff)}", headers={"user-agent": agent})

    assert response.status_code == (200 if method in {"get", "head"} else 405)
    assert (list(ExternalHandoff.objects.values()), len(make.events("handoff_confirm_clicked"))) == before


def test_a_form_from_elsewhere_is_refused_and_ours_is_not(handoff: ExternalHandoff) -> None:
    t = token(handoff)
    without_form = strict_client().post(f"{PATH}?t={t}")
    from_elsewhere = press(Client(enforce_csrf_checks=True, headers={"origin": "https://evil.example"}), t)
    elsewhere_by_referer = Client(enforce_csrf_checks=True, headers={"referer": "https://evil.example/"}).post(
        f"{PATH}?t={t}", secure=True
    )

    for response in (without_form, from_elsewhere, elsewhere_by_referer):
        assert response.status_code == 403
        assert "Abra o link mais uma vez" in response.content.decode()
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert status(handoff) == ("contacted", "reservada")

    assert press(strict_client(), t).status_code == 200
    assert status(handoff) == ("confirmed", "fechada")


def test_every_token_that_is_not_good_gets_one_and_the_same_answer(handoff: ExternalHandoff, now: datetime) -> None:
    good = token(handoff)
    body, _, signature = good.rpartition(":")
    other_body = token(handoff, Decision.NOT_CONFIRMED).rpartition(":")[0]
    bad = {
        "missing": "",
        # Links live in whole seconds.
        "expired": token(handoff, expires_at=now - timedelta(seconds=1)),
        "altered": f"{body[:-2]}xx:{signature}",
        "signature altered": f"{body}:{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}",
        "swapped": f"{other_body}:{signature}",
        "foreign key": signing.Signer(key="not ours", salt=tokens.SALT).sign_object({"h": handoff.pk.hex}),
        "foreign purpose": signing.Signer(salt="django.contrib.sessions").sign_object({"h": handoff.pk.hex}),
        "nobody's bridge": token(handoff, id=uuid4()),
        "no bridge at all": "ç\x00é:💥",
        "100 kB": "A" * 100_000,
        "100 kB, signed": f"{'A' * 100_000}:{signature}",
    }

    answers = set()
    for t in bad.values():
        for response in (Client().get(PATH, {"t": t}), Client().post(f"{PATH}?t=", query_params={"t": t})):
            answers.add((response.status_code, re.sub(rb'nonce="[^"]+"', b"", response.content)))
        cache.clear()

    assert len(answers) == 1
    ((code, content),) = answers
    assert code == 404
    assert "Este link não funciona" in content.decode()
    assert Client().get(PATH, {"t": good}).status_code == 200


def test_the_link_works_until_the_last_microsecond_of_its_48_hours(handoff: ExternalHandoff) -> None:
    t = token(handoff)
    ends = handoff.expires_at.replace(microsecond=0) + timedelta(seconds=1)

    with time_machine.travel(handoff.expires_at - timedelta(microseconds=1), tick=False):
        assert "O plantão fechou?" in Client().get(PATH, {"t": t}).content.decode()
    with time_machine.travel(ends, tick=False):
        assert Client().get(PATH, {"t": t}).status_code == 404
    # Between the bridge's end and the link's, rounded up to a second, it is the bridge that says no.
    with time_machine.travel(handoff.expires_at, tick=False):
        response = Client().post(f"{PATH}?t={t}")
    assert "O prazo para responder terminou" in response.content.decode()
    assert status(handoff) == ("expired", "aberta")


def test_a_token_says_nothing_about_anybody(handoff: ExternalHandoff) -> None:
    payload = signing.Signer(salt=tokens.SALT).unsign_object(token(handoff))

    assert payload == {"h": handoff.pk.hex, "d": "confirmed", "e": int(handoff.expires_at.timestamp()) + 1}


@pytest.mark.parametrize("t", ["good", "bad"])
def test_the_page_loads_nothing_tells_nothing_and_is_framed_by_nobody(handoff: ExternalHandoff, t: str) -> None:
    response = Client().get(PATH, {"t": token(handoff) if t == "good" else "x"})

    nonce = re.search(r"'nonce-([\w-]+)'", response["Content-Security-Policy"])
    assert nonce
    assert response["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'nonce-{nonce[1]}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert f'<style nonce="{nonce[1]}">' in response.content.decode()
    assert "<script" not in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert '<html lang="pt-BR">' in response.content.decode()


@pytest.fixture
def everything_logged() -> Iterator[list[str]]:
    """What any logger says, at any level, tracebacks included."""
    lines: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logging.Formatter().format(record))

    root, handler = logging.getLogger(), Collect(level=logging.DEBUG)
    names = [
        "",
        "django",
        "django.request",
        "django.security",
        "django.security.csrf",
        "django.server",
        "django.template",
        "handoff",
    ]
    before = {name: logging.getLogger(name).level for name in names}
    root.addHandler(handler)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def test_the_token_reaches_no_log(
    handoff: ExternalHandoff, everything_logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    t = token(handoff)
    altered = f"{t[:-4]}AAAA"

    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.get(PATH, {"t": altered})
    client.post(f"{PATH}?t={t}")
    client.options(f"{PATH}?t={t}")
    client.get(f"{PATH}/nowhere?t={t}")
    client.get(PATH, {"t": t}, headers={"host": "not ours"})
    monkeypatch.setattr("handoff.pages.ask", lambda *_args: 1 / 0)
    assert client.get(PATH, {"t": t}).status_code == 500

    assert any("Not Found" in line for line in everything_logged)
    assert any("Internal Server Error" in line for line in everything_logged)
    assert [line for line in everything_logged if t[:20] in line or altered[-8:] in line] == []


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_fifty_posts_of_each_link_at_once_are_one_decision_and_one_event(now: datetime, round_: int) -> None:
    handoff = bridges.contacted(now=now)
    pairs = [(token(handoff, decision), n) for n in range(POSTS) for decision in Decision]
    together = Barrier(len(pairs))

    def post(pair: tuple[str, int]) -> str:
        t, n = pair
        client = Client(REMOTE_ADDR=f"10.0.{n}.1")
        together.wait()
        try:
            return client.post(f"{PATH}?t={t}").content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(pairs)) as pool:
        pages = list(pool.map(post, pairs))

    bridge, vaga = status(handoff)
    assert (bridge, vaga) in {("confirmed", "fechada"), ("not_confirmed", "aberta")}
    assert len(make.events("handoff_confirmed")) + len(make.events("handoff_not_confirmed")) == 1
    assert len(make.events("handoff_confirm_clicked")) == 1
    title = "Registrado: fechou" if bridge == "confirmed" else "Registrado: não fechou"
    assert all(title in page for page in pages)
    assert sum("já tinha sido decidido" not in page for page in pages) == 1
    assert handoff.messages.filter(step=Step.DOCTOR_OUTCOME).count() == 1
