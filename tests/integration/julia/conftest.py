"""The console as Slack reaches it, with a Slack of our own on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from canary.models import Drill, Incident, PhaseTransition
from julia.access import Level
from tests.factories import campaigns, handoff, health, people
from tests.factories import outbound as outbox
from tests.factories import slack as make
from tests.waiting import wait_for


@dataclass
class FakeSlack:
    """What Slack's API and response_urls were sent; `delay` is called before it answers."""

    url: str
    posted: list[dict[str, Any]] = field(default_factory=list)
    opened: list[dict[str, Any]] = field(default_factory=list)
    refusal: str = ""
    delay: Callable[[], object] = lambda: None

    @property
    def response_url(self) -> str:
        return f"{self.url}/response"

    def last(self) -> dict[str, Any]:
        """What was posted last, as soon as something was."""
        return wait_for(lambda: self.posted, what="an answer")[-1]

    def take_answer(self, request: Request) -> Response:
        self.delay()
        self.posted.append(request.get_json())
        return Response("ok")

    def open_view(self, request: Request) -> Response:
        self.opened.append(request.get_json())
        ok = {"ok": not self.refusal, "error": self.refusal}
        return Response(json.dumps(ok), content_type="application/json")


@dataclass
class Console:
    """Sends what Slack would send."""

    slack: FakeSlack
    client: Client = field(default_factory=Client)

    def send(self, signed: make.Signed, path: str = "/slack/commands") -> Any:
        headers = {name: value for name, value in signed.headers.items() if name != "Content-Type"}
        kind = "application/x-www-form-urlencoded"
        return self.client.post(path, data=signed.body, content_type=kind, headers=headers)

    def say(self, line: str, **more: Any) -> dict[str, Any]:
        """Give a command and read the answer."""
        body = make.slash(line, **{"response_url": self.slack.response_url, **more})
        answer = self.send(make.sign(body))
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def press(self, action: str, value: str = "", **more: Any) -> dict[str, Any]:
        """Press a button and read what is answered through its response_url."""
        before = len(self.slack.posted)
        body = make.clicked(action, value=value, **{"response_url": self.slack.response_url, **more})
        answer = self.send(make.sign(body), "/slack/interactions")
        assert (answer.status_code, answer.content) == (200, b"")
        return wait_for(lambda: self.slack.posted[before:], what="an answer")[0]

    def submit(self, **fields: str) -> dict[str, Any]:
        """Send the form of `enviar`."""
        answer = self.send(make.sign(make.submitted(**fields)), "/slack/interactions")
        assert answer.status_code == 200, answer.content
        return dict(answer.json())


@pytest.fixture
def slack(httpserver: HTTPServer, settings: Any) -> FakeSlack:
    fake = FakeSlack(url=httpserver.url_for("").rstrip("/"))
    httpserver.expect_request("/response").respond_with_handler(fake.take_answer)
    httpserver.expect_request("/api/views.open").respond_with_handler(fake.open_view)
    settings.SLACK_API_URL = f"{fake.url}/api/"
    settings.SLACK_BOT_TOKEN = "xoxb-test"
    settings.SLACK_SIGNING_SECRET = make.SECRET
    settings.SLACK_TEAM_ID = make.TEAM
    settings.SLACK_ALLOWED_CHANNELS = frozenset({make.CHANNEL})
    return fake


@pytest.fixture
def console(outbox_ready: None, slack: FakeSlack) -> Console:
    """The console, with Ana, an operator; its code is loaded, as the web process does before its first request."""
    assert get_resolver().url_patterns
    make.person(make.ANA, "ana")
    return Console(slack=slack)


@pytest.fixture
def something_of_everything(outbox_ready: None, now: datetime) -> None:
    """A row behind every screen."""
    outbox.queued(outbox.contact(), now=now)
    handoff.switch_on()
    handoff.opened(now=now)
    health.snapshot(at=now)
    Drill.objects.create(name="kill_switch_julia", pct=10, started_at=now, ended_at=now, actor="ana", passed=True)
    PhaseTransition.objects.create(from_pct=10, to_pct=25, at=now, actor="ana", reason="estável")
    campaigns.draft(now=now)
    incident = Incident.objects.create(severity="P1", kind="x", opened_at=now, opened_by="system", last_seen_at=now)
    incident.timeline.create(at=now, actor="system", what="opened")
    people.browser(Level.OPERATOR, name="ana").post(
        reverse("admin:panel_switch", args=["safe_mode", "on"]), {"reason": "teste", "seen": 0}
    )
