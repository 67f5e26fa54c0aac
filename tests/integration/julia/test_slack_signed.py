"""Only Slack gets in: all else is a plain 401 that changes nothing, and the same request twice has one effect."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from canary.models import BusinessEvent, FeatureFlagChange
from julia.slack.models import SlackConfirmation
from tests.factories import slack as make
from tests.integration.julia.conftest import Console

PATHS = ("/slack/commands", "/slack/interactions")


def changes() -> int:
    return FeatureFlagChange.objects.count()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("timestamp", "signature"),
    [
        ("", ""),
        ("now", "v0=" + "0" * 64),
        ("{now}", "v0=" + "0" * 64),
        ("{now}", "{forged}"),  # signed with another secret
        ("{stale}", "{stale_signature}"),
        ("{ahead}", "{ahead_signature}"),
        ("{now}", "v0=é"),
    ],
)
def test_who_is_not_slack_gets_a_plain_401(path: str, timestamp: str, signature: str, console: Console) -> None:
    now = timezone.now().timestamp()
    body = make.slash("pausar_julia agora")
    values = {
        "now": str(int(now)),
        "stale": str(int(now - 400)),
        "ahead": str(int(now + 400)),
        "forged": make.sign(body, secret="another").signature,
        "stale_signature": make.sign(body, at=now - 400).signature,
        "ahead_signature": make.sign(body, at=now + 400).signature,
    }
    forged = make.Signed(body=body, timestamp=timestamp.format(**values), signature=signature.format(**values))

    answer = console.send(forged, path)

    assert (answer.status_code, answer.content) == (401, b"")
    assert changes() == 0


@pytest.mark.parametrize("path", PATHS)
def test_without_its_headers_or_with_a_body_that_is_no_text_it_is_not_slack(path: str, console: Console) -> None:
    bare = console.client.post(path, data=make.slash("status"), content_type="application/x-www-form-urlencoded")
    binary = console.send(make.sign(b"\xff\xfe"), path)

    assert (bare.status_code, binary.status_code) == (401, 401)


def test_without_a_secret_nobody_is_slack(console: Console, settings: Any) -> None:
    signed = make.sign(make.slash("status"), secret="")
    assert console.send(make.sign(make.slash("status"))).status_code == 200

    settings.SLACK_SIGNING_SECRET = ""

    assert console.send(signed).status_code == 401


@pytest.mark.parametrize(
    ("path", "body"), [(PATHS[0], b""), (PATHS[1], b"payload=no"), (PATHS[1], make.slash("status"))]
)
def test_signed_nonsense_is_a_400(path: str, body: bytes, console: Console) -> None:
    assert console.send(make.sign(body), path).status_code == 400


@pytest.mark.parametrize("path", PATHS)
def test_nothing_but_a_post_is_answered(path: str, console: Console) -> None:
    assert console.client.get(path).status_code == 405


def test_a_body_that_is_too_large_is_refused(console: Console) -> None:
    assert console.send(make.sign(b"text=" + b"a" * 2**21)).status_code == 413


def test_a_replayed_stop_does_not_stop_again(console: Console) -> None:
    signed = make.sign(make.slash("pausar_julia agora"))
    assert "pausada" in console.send(signed).json()["text"]
    resume = console.say("retomar_julia")
    console.press("confirm", make.buttons(resume)["confirm"])
    assert changes() == 2

    again = console.send(signed).json()

    assert again["text"] == "Este pedido já tinha chegado; não é feito uma segunda vez."
    assert changes() == 2


def test_a_doubled_stop_that_slack_signed_anew_has_one_effect(console: Console) -> None:
    body = make.slash("pausar_julia agora")
    now = timezone.now().timestamp()

    first, second = (console.send(make.sign(body, at=at)).json()["text"] for at in (now, now - 1))

    assert "pausada" in first
    assert "já tinha chegado" in second


def test_of_many_at_the_same_moment_one_has_an_effect(console: Console) -> None:
    signed = make.sign(make.slash("toggle_campanhas off"))

    def send(_number: int) -> str:
        try:
            return str(Console(slack=console.slack).send(signed).json()["text"])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))

    assert sum("já tinha chegado" in answer for answer in answers) == 7
    assert SlackConfirmation.objects.count() == 1


def test_refused_requests_leave_no_event(console: Console) -> None:
    console.send(make.sign(make.slash("status"), secret="another"))

    assert not BusinessEvent.objects.filter(source="julia").exclude(event_type="slack_access_changed").exists()
