"""Issue 5, Show it: "pause and resume from the panel while a worker sends, and see sends stop", in a real browser.

With `PANEL_PICTURES=docs/img` the pictures of the docs are taken anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from canary.models import FeatureFlagChange
from julia.access import Level
from outbound.evolution.sandbox import RunningSandbox
from outbound.methods import Status
from tests.acceptance import browsing, panel_day
from tests.acceptance.conftest import AMPLE_LIMITS
from tests.acceptance.observing import by_reason, by_status, is_quiet
from tests.factories import outbound as make
from tests.factories import people
from tests.waiting import wait_for

MESSAGES = 300
UNDER_WAY = 30
PASSWORD = "uma-senha-bem-longa"
DESKTOP = {"width": 1440, "height": 1000}
PHONE = {"width": 390, "height": 844}
LARGEST_PICTURE = 400_000
# What a test keeps from the page on purpose is no fault of the page's.
KEPT_AWAY = "net::ERR_FAILED"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing.chromium() as running:
        yield running


@pytest.fixture
def site(outbox_ready: None, process_env: dict[str, str], tmp_path: Path) -> Iterator[str]:
    with browsing.web_server(process_env, tmp_path / "web.log") as url:
        yield url


@pytest.fixture
def log_in(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Open the panel as somebody; what the browser complains of fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_panel(name: str, level: Level, **options: Any) -> Page:
        user = people.user(level, name=name)
        user.set_password(PASSWORD)
        user.save()
        context = browser.new_context(base_url=site, locale="pt-BR", timezone_id="America/Sao_Paulo", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/admin/")
        page.fill("#id_username", name)
        page.fill("#id_password", PASSWORD)
        page.click("#login-form button[type=submit]")
        page.wait_for_selector("#julia-now")
        return page

    yield open_panel
    for context in contexts:
        context.close()
    assert [complaint for complaint in complaints if KEPT_AWAY not in complaint] == []


def _confirm(page: Page, button: str, *, reason: str) -> None:
    page.click(f"text={button}")
    dialog = page.locator("#julia-ask")
    dialog.locator("textarea").fill(reason)
    dialog.locator("button[type=submit]").click()


def test_pausing_from_the_panel_stops_a_sending_worker_and_resuming_lets_it_go_on(
    log_in: Callable[..., Page], sandbox: RunningSandbox, start_workers: Callable[..., Any], now: datetime
) -> None:
    sandbox.set_latency(ms=80)
    ana = log_in("ana", Level.OPERATOR, viewport=DESKTOP)
    bia = log_in("bia", Level.VIEWER, viewport=PHONE)
    for _ in range(MESSAGES):
        make.queued(make.contact(), now=now)
    start_workers(1, OUTBOUND_CONCURRENCY="4", OUTBOUND_RATE_LIMITS=AMPLE_LIMITS)
    wait_for(lambda: len(sandbox.requests()) >= UNDER_WAY, what="sending")

    # Pause.
    _confirm(ana, "Pausar a Julia", reason="mensagens estranhas")
    expect(ana.get_by_text("Julia está pausada. Em voo naquele momento")).to_be_visible()

    wait_for(is_quiet, what="the pause")
    asked = len(sandbox.requests())
    assert asked < MESSAGES
    assert by_status() == {"sent": asked, "queued": MESSAGES - asked}
    assert by_reason(Status.QUEUED) == {"julia_paused": MESSAGES - asked}
    # Without reloading, the other one sees that, by whom and why; and that nothing moves any more.
    expect(bia.locator("#julia-now h2")).to_have_text("Julia está pausada", timeout=15_000)
    expect(bia.locator(".julia-hero p")).to_contain_text("mensagens estranhas")
    expect(bia.locator("#julia-waiting")).to_have_text(str(MESSAGES - asked), timeout=15_000)
    expect(bia.locator("#julia-in-flight")).to_have_text("0", timeout=15_000)
    assert len(sandbox.requests()) == asked

    # Resume.
    _confirm(ana, "Retomar a Julia", reason="resolvido")
    wait_for(lambda: by_status() == {"sent": MESSAGES}, seconds=60, what="sending the rest")
    assert len(sandbox.delivered()) == MESSAGES
    expect(bia.locator("#julia-now h2")).to_have_text("Julia está ligada", timeout=15_000)
    assert [(c.actor, c.reason) for c in FeatureFlagChange.objects.order_by("id")] == [
        ("ana", "mensagens estranhas"),
        ("ana", "resolvido"),
    ]


@pytest.mark.parametrize(("name", "viewport"), [("desktop", DESKTOP), ("phone", PHONE)])
def test_the_panel_fits_the_screen(
    name: str, viewport: dict[str, int], log_in: Callable[..., Page], now: datetime, tmp_path: Path
) -> None:
    panel_day.play(now=now)
    page = log_in("ana", Level.ADMIN, viewport=viewport, device_scale_factor=1)

    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    folder = Path(os.environ.get("PANEL_PICTURES", tmp_path))
    picture = folder / f"panel-{name}.png"
    page.evaluate("document.fonts.ready")
    page.screenshot(path=picture, full_page=True, animations="disabled")

    assert overflow <= 0
    assert picture.stat().st_size < LARGEST_PICTURE


def test_without_a_server_the_figures_are_said_to_be_old(log_in: Callable[..., Page]) -> None:
    page = log_in("ana", Level.VIEWER)
    stale = page.locator("#julia-stale")
    expect(stale).to_be_hidden()

    page.route("**/panel/now/", lambda route: route.abort())

    expect(stale).to_be_visible(timeout=15_000)
    page.unroute("**/panel/now/")
    expect(stale).to_be_hidden(timeout=15_000)


def test_the_buttons_work_without_the_panels_script(log_in: Callable[..., Page]) -> None:
    page = log_in("ana", Level.OPERATOR)
    page.route("**/panel.js", lambda route: route.abort())
    page.goto("/admin/")

    page.click("text=Ligar modo seguro")
    page.fill("textarea", "investigando")
    page.click("#question button[type=submit]")

    expect(page.get_by_text("Modo seguro: Ligado. Em voo")).to_be_visible()
