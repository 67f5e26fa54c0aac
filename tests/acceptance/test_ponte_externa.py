"""Ponte Externa: from the doctor's acceptance to both being told, in a browser at phone size; no token in a log.

With `SCREENSHOTS=docs/img` the pages are kept as pictures for the playbook.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, sync_playwright

from handoff import jobs, tokens
from handoff.models import ExternalHandoff
from handoff.states import Decision
from handoff.steps import Step
from handoff.tokens import Link
from julia.processes import BASE_DIR, last_lines
from outbound.evolution.sandbox import RunningSandbox
from outbound.models import Contact
from tests.acceptance.observing import is_quiet
from tests.factories import handoff as bridges
from tests.factories import outbound as make
from tests.waiting import wait_for

CHROMIUM = "/usr/bin/chromium"
QUIETLY = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
PHONE = {"width": 390, "height": 844}
# WCAG 2.5.5: what is pressed by a thumb is at least so large, in CSS pixels.
THUMB = 44

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="needs Chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    # Playwright's loop runs in this thread: Django must not take it for an event loop of ours.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIETLY)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def phone(chromium: Any) -> Iterator[Page]:
    """A phone's browser without JavaScript, in Portuguese."""
    context = chromium.new_context(viewport=PHONE, device_scale_factor=2, java_script_enabled=False, locale="pt-BR")
    yield context.new_page()
    context.close()


def keep(page: Page, name: str) -> None:
    """Take a picture, where somebody asks for it."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=False)


def texts_to(sandbox: RunningSandbox, contact: Contact) -> list[str]:
    return [message.text for message in sandbox.delivered() if message.number.endswith(contact.phone[-8:])]


@pytest.fixture
def public_url(live_server: Any, settings: Any) -> str:
    settings.PUBLIC_BASE_URL = live_server.url
    return str(live_server.url)


def test_from_the_doctors_acceptance_to_both_being_told(
    outbox_ready: None, worker: Any, sandbox: RunningSandbox, public_url: str, phone: Page, now: datetime
) -> None:
    bridges.switch_on(pct=100)
    doctor, carlos = make.contact(name="Dra. Ana Souza"), bridges.divulgador(name="Carlos Lima")
    vaga = bridges.vaga(divulgador=carlos)

    # The doctor accepts in the chat; the worker writes to both.
    bridges.opened(now=now, shift=vaga, doctor=doctor)
    wait_for(lambda: texts_to(sandbox, doctor) and texts_to(sandbox, carlos), what="introducing them")
    wait_for(is_quiet, what="settling")
    jobs.tick()
    handoff = ExternalHandoff.objects.get()
    assert handoff.status == "contacted"
    (to_doctor,), (to_carlos,) = texts_to(sandbox, doctor), texts_to(sandbox, carlos)
    assert "Carlos Lima" in to_doctor
    assert "Dra. Ana Souza" in to_carlos

    # He opens the first link: a preview did so before him, and nothing has changed.
    yes, no = re.findall(r"http\S+/handoff/confirm\S+", to_carlos)
    assert httpx.get(yes, headers={"user-agent": "WhatsApp/2.23"}).status_code == 200
    phone.goto(yes)
    assert phone.title() == "O plantão fechou? · Julia"
    assert phone.get_by_role("heading", level=1).inner_text() == "O plantão fechou?"
    button = phone.get_by_role("button", name="Sim, fechou")
    box = button.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= THUMB
    # All of it fits a phone, without scrolling sideways.
    assert box["y"] + box["height"] < PHONE["height"]
    assert phone.locator("html").evaluate("page => page.scrollWidth") <= PHONE["width"]
    handoff.refresh_from_db()
    assert handoff.status == "contacted"
    keep(phone, "ponte-1-pergunta")

    # He presses the button, by keyboard as well as by thumb.
    phone.keyboard.press("Tab")
    assert button.evaluate("button => button.matches(':focus-visible')")
    phone.keyboard.press("Enter")
    phone.wait_for_load_state()
    assert phone.get_by_role("heading", level=1).inner_text() == "Registrado: fechou"
    keep(phone, "ponte-2-registrado")
    handoff.refresh_from_db()
    vaga.refresh_from_db()
    assert (handoff.status, handoff.ended_via, vaga.status) == ("confirmed", "link", "fechada")

    # Both are told.
    wait_for(lambda: len(texts_to(sandbox, doctor)) + len(texts_to(sandbox, carlos)) == 4, what="telling both")
    assert "confirmou o seu plantão" in texts_to(sandbox, doctor)[-1]
    assert "Registrado" in texts_to(sandbox, carlos)[-1]

    # The other link says what was decided, and so does a reload.
    phone.goto(no)
    assert phone.get_by_role("heading", level=1).inner_text() == "Registrado: fechou"
    assert "já tinha sido decidido" in phone.locator("main").inner_text()
    keep(phone, "ponte-3-ja-decidido")
    assert len(make.events("handoff_confirmed")) == 1
    wait_for(is_quiet, what="an end")


def test_the_other_pages_say_what_to_do(outbox_ready: None, public_url: str, phone: Page, now: datetime) -> None:
    bridges.switch_on()
    handoff = bridges.contacted(now=now)
    link = tokens.issue(Link(handoff_id=handoff.pk, decision=Decision.NOT_CONFIRMED), expires_at=handoff.expires_at)

    phone.goto(f"{public_url}/handoff/confirm?t={link}")
    assert phone.get_by_role("button", name="Não fechou").is_visible()
    keep(phone, "ponte-4-nao-fechou")

    phone.goto(f"{public_url}/handoff/confirm?t=alterado")
    assert phone.get_by_role("heading", level=1).inner_text() == "Este link não funciona"
    keep(phone, "ponte-5-link-invalido")

    # A browser that lost its cookie is not left alone with an error.
    phone.goto(f"{public_url}/handoff/confirm?t={link}")
    phone.context.clear_cookies()
    phone.get_by_role("button").click()
    phone.wait_for_load_state()
    assert phone.get_by_role("heading", level=1).inner_text() == "Abra o link mais uma vez"

    for _ in range(30):
        phone.goto(f"{public_url}/handoff/confirm?t=alterado")
    assert phone.get_by_role("heading", level=1).inner_text() == "Visitas demais"
    keep(phone, "ponte-6-visitas-demais")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_can_be_read(outbox_ready: None, public_url: str, chromium: Any, now: datetime, scheme: Any) -> None:
    bridges.switch_on()
    handoff = bridges.contacted(now=now)
    context = chromium.new_context(viewport=PHONE, color_scheme=scheme)
    page = context.new_page()
    pages = []

    for decision in Decision:
        token = tokens.issue(Link(handoff_id=handoff.pk, decision=decision), expires_at=handoff.expires_at)
        page.goto(f"{public_url}/handoff/confirm?t={token}")
        pages.append(page.evaluate(CONTRASTS))
    context.close()

    # WCAG 2.2 AA for text: 4.5 to 1.
    assert [row for contrasts in pages for row in contrasts if row["contrast"] < 4.5] == []
    assert all(len(contrasts) >= 10 for contrasts in pages)


CONTRASTS = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const luminance = color => rgb(color).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgb(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('main *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .map(e => {
      const [a, b] = [luminance(getComputedStyle(e).color), luminance(ground(e))].sort((x, y) => y - x);
      return {text: e.textContent.trim(), contrast: (a + 0.05) / (b + 0.05)};
    });
}"""


@pytest.fixture
def desk(chromium: Any) -> Iterator[Page]:
    """An operator's browser."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, locale="pt-BR")
    yield context.new_page()
    context.close()


def test_an_operator_expires_one_and_reverts_another_in_the_admin(
    outbox_ready: None, public_url: str, desk: Page, now: datetime
) -> None:
    bridges.switch_on()
    get_user_model().objects.create_superuser("ana", password="uma senha bem comprida")
    old = bridges.contacted(now=now - timedelta(hours=30), shift=bridges.vaga(hospital="Hospital Antigo"))
    young = bridges.contacted(now=now - timedelta(hours=1), shift=bridges.vaga(hospital="Hospital Novo"))
    wrong = bridges.contacted(now=now - timedelta(hours=3), shift=bridges.vaga(hospital="Hospital Errado"))
    bridges.decided(wrong, Decision.CONFIRMED, now=now - timedelta(hours=2))
    desk.goto(f"{public_url}/admin/handoff/externalhandoff/")
    desk.get_by_label("Usuário").or_(desk.locator("#id_username")).first.fill("ana")
    desk.locator("#id_password").fill("uma senha bem comprida")
    desk.keyboard.press("Enter")

    # What waits comes first, the oldest on top; and what has waited for more than a day alone.
    desk.wait_for_selector("#result_list")
    hospitals = [row.split("\n") for row in desk.locator("#result_list tbody tr").all_inner_texts()]
    assert [next(name for name in ("Antigo", "Novo", "Errado") if name in str(row)) for row in hospitals] == [
        "Antigo",
        "Novo",
        "Errado",
    ]
    keep(desk, "ponte-7-admin-lista")
    desk.goto(f"{public_url}/admin/handoff/externalhandoff/?waiting=24")
    assert desk.locator("#result_list tbody tr").count() == 1

    order(desk, old, "expire", "divulgador não atende")
    desk.goto(f"{public_url}/admin/handoff/externalhandoff/")
    order(desk, wrong, "revert", "clicou por engano")

    for handoff in (old, young, wrong):
        handoff.refresh_from_db()
        handoff.vaga.refresh_from_db()
    assert [(bridge.status, bridge.vaga.status) for bridge in (old, young, wrong)] == [
        ("expired", "aberta"),
        ("contacted", "reservada"),
        ("not_confirmed", "aberta"),
    ]
    assert (old.ended_by, old.note) == ("ana", "divulgador não atende")
    (reverted,) = make.events("handoff_not_confirmed")
    assert reverted.event_props["reverted_from"] == "confirmed"
    assert "engano" in bridges.message(wrong, Step.DOCTOR_REVERTED).text

    # One bridge with its messages; nothing of it can be typed over.
    desk.goto(f"{public_url}/admin/handoff/externalhandoff/{wrong.pk}/change/")
    assert desk.locator("form input[type=text], form textarea").count() == 0


def order(desk: Page, handoff: ExternalHandoff, action: str, reason: str) -> None:
    """Tick one bridge, choose what to do, and say why."""
    desk.locator(f'input[name="_selected_action"][value="{handoff.pk}"]').check()
    desk.locator('select[name="action"]').select_option(action)
    desk.locator('button[name="index"], button[type="submit"]:near(select[name="action"])').first.click()
    desk.wait_for_selector("#reason")
    keep(desk, "ponte-8-admin-motivo")
    desk.locator("#reason").fill(reason)
    desk.locator("#reason").locator("xpath=ancestor::form").locator("button[type=submit]").click()
    desk.get_by_text("feito; seu nome e o motivo").wait_for()


def test_gunicorn_logs_no_request_even_when_asked_to_and_counts_for_all_its_processes(
    outbox_ready: None, process_env: dict[str, str], tmp_path: Path, now: datetime
) -> None:
    bridges.switch_on()
    handoff = bridges.contacted(now=now)
    token = tokens.issue(Link(handoff_id=handoff.pk, decision=Decision.CONFIRMED), expires_at=handoff.expires_at)
    log = tmp_path / "gunicorn.log"

    with gunicorn(process_env, log) as url:
        statuses = [httpx.get(url, params={"t": token}, timeout=20).status_code for _ in range(40)]
        httpx.post(url, params={"t": token}, timeout=20)
        too_long = raw_get(url, f"/handoff/confirm?t={token * 700}")

    # Two processes, one count; a window may have ended in between.
    assert statuses[:30] == [200] * 30
    assert statuses.count(429) in range(1, 11)
    # A request line as long as that gunicorn itself refuses, without a word about what was in it.
    assert too_long == 414
    written = log.read_text(encoding="utf-8")
    assert "Listening at" in written
    assert token[:20] not in written
    assert "?t=" not in written


def raw_get(url: str, target: str) -> int:
    """Ask for what no client of good manners would."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=20)
    connection.request("GET", target)
    status = connection.getresponse().status
    connection.close()
    return status


@contextmanager
def gunicorn(env: dict[str, str], log: Path) -> Iterator[str]:
    """Run the web process of the Procfile, asked for an access log, and give the page's URL."""
    program = [str(Path(sys.executable).parent / "gunicorn"), "julia.wsgi", "--bind", "127.0.0.1:0", "--workers", "2"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*program, "--access-logfile", "-", "--log-level", "debug"],
            cwd=BASE_DIR,
            env={**os.environ, **env},
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def listening() -> str | None:
        assert process.poll() is None, last_lines(log)
        match = re.search(r"Listening at: (http://\S+)", log.read_text(encoding="utf-8"))
        return match[1] if match else None

    try:
        yield f"{wait_for(listening, seconds=60, what='gunicorn')}/handoff/confirm"
    finally:
        process.terminate()
        process.wait(timeout=30)
