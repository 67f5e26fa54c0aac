"""Posting to Slack over real HTTP: what it says, what it does when Slack does not, and the summary that goes there."""

from __future__ import annotations

import json
import logging
import socket
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from canary import daily_summary
from canary.models import DailySummary
from julia.slack import client
from julia.slack.client import NotPostedError

POST = "/api/chat.postMessage"
NINE = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


@pytest.fixture
def slack(httpserver: HTTPServer, settings: Any) -> HTTPServer:
    """Slack, as far as posting goes, and a Julia that knows it."""
    settings.SLACK_BOT_TOKEN = "xoxb-test"
    settings.SLACK_ALERT_CHANNEL = "C0ALERTS"
    settings.SLACK_API_URL = httpserver.url_for("/api/")
    return httpserver


def posted(slack: HTTPServer) -> list[dict[str, Any]]:
    return [{**request.form, **(request.get_json(silent=True) or {})} for request, _response in slack.log]


def test_a_message_is_posted_with_the_token_to_the_channel_of_alerts(slack):
    slack.expect_request(POST, method="POST", headers={"Authorization": "Bearer xoxb-test"}).respond_with_json(
        {"ok": True}
    )

    client.post(text="Olá", blocks=[{"type": "divider"}])

    (message,) = posted(slack)
    assert (message["channel"], message["text"]) == ("C0ALERTS", "Olá")
    blocks = message["blocks"]
    assert (json.loads(blocks) if isinstance(blocks, str) else blocks) == [{"type": "divider"}]


def test_another_channel_may_be_named(slack):
    slack.expect_request(POST).respond_with_json({"ok": True})

    client.post(text="Olá", channel="C0OTHER")

    assert posted(slack)[0]["channel"] == "C0OTHER"


@pytest.mark.parametrize("missing", ["SLACK_BOT_TOKEN", "SLACK_ALERT_CHANNEL"])
def test_without_a_token_or_a_channel_it_is_logged(slack, settings, caplog, missing):
    setattr(settings, missing, "")

    with caplog.at_level(logging.INFO):
        client.post(text="Bom dia", raising=True)

    assert posted(slack) == []
    assert "Bom dia" in caplog.text


@pytest.mark.parametrize(
    ("body", "status"),
    [({"ok": False, "error": "channel_not_found"}, 200), ({"ok": False, "error": "ratelimited"}, 429)],
)
def test_a_refusal_is_nobodys_trouble_unless_asked(slack, caplog, body, status):
    slack.expect_request(POST).respond_with_json(body, status=status)

    client.post(text="Olá")
    with pytest.raises(NotPostedError, match=body["error"]):
        client.post(text="Olá", raising=True)

    assert body["error"] in caplog.text
    assert "xoxb-test" not in caplog.text
    assert len(posted(slack)) == 2


def test_a_slack_that_is_not_there_surely_posted_nothing(slack, settings):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.SLACK_API_URL = f"http://127.0.0.1:{nobody.getsockname()[1]}/api/"

        client.post(text="Olá")
        with pytest.raises(NotPostedError):
            client.post(text="Olá", raising=True)


def test_an_error_of_slacks_own_says_nothing_about_the_message(slack):
    slack.expect_request(POST).respond_with_data("oops", status=503)

    client.post(text="Olá", raising=True)

    assert len(posted(slack)) == 1


def test_a_slack_that_hangs_is_left_after_three_seconds_and_not_asked_again(slack, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT_S", 0.2)
    released = socket.socketpair()

    def hang(_request: Request) -> Response:
        released[1].settimeout(20)
        released[1].recv(1)
        return Response('{"ok": true}', content_type="application/json")

    slack.expect_request(POST).respond_with_handler(hang)
    began_at = time.monotonic()
    try:
        client.post(text="Olá", raising=True)
        assert time.monotonic() - began_at < 10
    finally:
        released[0].send(b"x")


def test_the_summary_reaches_slack_once(transactional_db, slack):
    slack.expect_request(POST).respond_with_json({"ok": True})

    daily_summary.tell(now=NINE)
    daily_summary.tell(now=NINE)

    (message,) = posted(slack)
    assert "Saúde da Julia, 03/03/2026" in message["text"]


def test_a_summary_that_slack_refused_is_posted_when_it_does_not_any_more(transactional_db, slack):
    slack.expect_ordered_request(POST).respond_with_json({"ok": False, "error": "not_in_channel"})
    slack.expect_ordered_request(POST).respond_with_json({"ok": True})

    with pytest.raises(daily_summary.NotToldError):
        daily_summary.tell(now=NINE)
    assert not DailySummary.objects.exists()

    assert daily_summary.tell(now=NINE)
    assert not daily_summary.tell(now=NINE)
    assert len(posted(slack)) == 2


def test_a_summary_of_which_nobody_knows_is_not_posted_twice(transactional_db, slack):
    slack.expect_request(POST).respond_with_data("oops", status=502)

    assert daily_summary.tell(now=NINE)
    assert not daily_summary.tell(now=NINE)

    assert len(posted(slack)) == 1
