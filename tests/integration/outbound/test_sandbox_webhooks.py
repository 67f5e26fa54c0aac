"""What the provider tells us of its own accord, and how it insists."""

from __future__ import annotations

import itertools
import time

import pytest

from outbound.evolution.sandbox import SandboxConfig, running_sandbox
from tests.integration.outbound.sandboxes import DEADLINE_S, JID, NUMBER, ear, eventually, provider, send

TOKEN = "webhook-token"
BACKOFF_S = 0.002


def telling(listener, **settings):
    return running_sandbox(
        webhook_url=listener.url, webhook_token=TOKEN, **{"webhook_backoff_s": BACKOFF_S, **settings}
    )


def test_a_sent_message_is_echoed_and_followed_to_the_phone():
    with ear() as listener, telling(listener) as sandbox:
        with provider(sandbox.url) as client:
            answer = send(client).json()
        assert eventually(lambda: len(listener.heard) == 3)

        echo, *updates = [heard.body for heard in listener.heard]
        assert (echo["event"], echo["data"]) == ("send.message", answer)
        assert [update["event"] for update in updates] == ["messages.update"] * 2
        assert [update["data"] for update in updates] == [
            {"keyId": answer["key"]["id"], "remoteJid": JID, "fromMe": True, "status": status}
            for status in ("SERVER_ACK", "DELIVERY_ACK")
        ]


def test_the_envelope_is_the_providers():
    with ear() as listener, telling(listener, api_key="secret") as sandbox:
        sandbox.inbound(number=NUMBER, text="Oi")
        heard = eventually(lambda: listener.heard)[0]

        assert heard.headers["Authorization"] == f"Bearer {TOKEN}"
        assert heard.headers["Content-Type"] == "application/json"
        assert heard.body["instance"] == "julia"
        assert heard.body["destination"] == listener.url
        assert heard.body["server_url"] == sandbox.url
        assert heard.body["apikey"] == "secret"
        assert heard.body["sender"].endswith("@s.whatsapp.net")
        assert heard.body["date_time"].endswith("Z")


def test_without_a_token_there_is_no_header():
    with ear() as listener, running_sandbox(webhook_url=listener.url) as sandbox:
        sandbox.inbound(number=NUMBER, text="Oi")

        assert "Authorization" not in eventually(lambda: listener.heard)[0].headers


@pytest.mark.parametrize(
    ("more", "content"),
    [
        ({}, {"conversation": "CONFIRMADO"}),
        ({"message_type": "extendedTextMessage"}, {"extendedTextMessage": {"text": "CONFIRMADO"}}),
    ],
)
def test_a_doctor_who_writes_is_told(more, content):
    with ear() as listener, telling(listener) as sandbox:
        message = sandbox.inbound(number="5531987654321", text="CONFIRMADO", push_name="Ana", **more)
        body = eventually(lambda: listener.named("messages.upsert"))[0].body

        key = {"remoteJid": "553187654321@s.whatsapp.net", "fromMe": False, "id": message.id}
        assert body["data"]["key"] == key
        assert body["data"]["message"] == content
        assert body["data"]["pushName"] == "Ana"
        assert body["data"]["messageType"] == more.get("message_type", "conversation")
        assert isinstance(body["data"]["messageTimestamp"], int)


def test_the_same_event_can_be_told_twice():
    with ear() as listener, telling(listener) as sandbox:
        first = sandbox.inbound(number=NUMBER, text="Oi")
        sandbox.inbound(number=NUMBER, text="Oi", id=first.id)
        assert eventually(lambda: len(listener.heard) == 2)

        assert {heard.body["data"]["key"]["id"] for heard in listener.heard} == {first.id}


def test_a_lost_connection_is_told():
    with ear() as listener, telling(listener) as sandbox:
        sandbox.set_connection(state="close")
        body = eventually(lambda: listener.named("connection.update"))[0].body

        assert (body["data"]["instance"], body["data"]["state"]) == ("julia", "close")


def test_an_unstored_message_is_echoed_to_nobody():
    with ear() as listener, telling(listener, faults=["wrapped400_after:first=1:unstored"]) as sandbox:
        with provider(sandbox.url) as client:
            send(client, text="unstored")
            send(client, text="stored")
        assert eventually(lambda: len(listener.heard) == 3)

        assert [heard.body["data"]["message"]["conversation"] for heard in listener.named("send.message")] == ["stored"]


@pytest.mark.parametrize("status", [500, 503, 429, 302])
def test_a_failed_webhook_is_repeated_until_it_is_taken(status):
    with ear(statuses=[status, status]) as listener, telling(listener) as sandbox:
        sandbox.inbound(number=NUMBER, text="Oi")

        assert eventually(lambda: sandbox.stats()["webhooks"]["delivered"] == 1)
        assert len(listener.heard) == 3


def test_it_gives_up_after_ten_repetitions():
    with ear(statuses=[500] * 100) as listener, telling(listener) as sandbox:
        sandbox.inbound(number=NUMBER, text="Oi")

        assert eventually(lambda: sandbox.stats()["webhooks"]["given_up"] == 1)
        assert len(listener.heard) == 1 + 10
        assert sandbox.stats()["webhooks"]["queued"] == 0


def test_each_wait_is_twice_as_long():
    with ear(statuses=[500] * 3) as listener, telling(listener, webhook_backoff_s=0.05) as sandbox:
        sandbox.inbound(number=NUMBER, text="Oi")
        assert eventually(lambda: len(listener.heard) == 4)

        waits = [later.at - earlier.at for earlier, later in itertools.pairwise(listener.heard)]
        assert all(wait >= least for wait, least in zip(waits, (0.05, 0.1, 0.2), strict=True))


def test_the_first_wait_is_five_seconds():
    assert SandboxConfig().webhook_backoff_s == 5


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_what_is_refused_is_not_repeated(status):
    with ear(statuses=[status]) as listener, telling(listener) as sandbox:
        sandbox.inbound(number=NUMBER, text="refused")
        assert eventually(lambda: sandbox.stats()["webhooks"]["refused"] == 1)
        sandbox.inbound(number=NUMBER, text="taken")
        assert eventually(lambda: sandbox.stats()["webhooks"]["delivered"] == 1)

        assert len(listener.heard) == 2
        assert sandbox.stats()["webhooks"]["queued"] == 0


def test_nobody_listening_does_not_hold_up_a_message():
    # Port 9 of the loopback: nobody is there.
    with running_sandbox(webhook_url="http://127.0.0.1:9/", webhook_backoff_s=60) as sandbox:
        with provider(sandbox.url) as client:
            started = time.monotonic()
            statuses = [send(client).status_code for _ in range(50)]

        assert statuses == [201] * 50
        assert time.monotonic() - started < DEADLINE_S / 2
        assert eventually(lambda: sandbox.stats()["webhooks"]["failed_attempts"] >= 150)
        assert sandbox.stats()["webhooks"]["queued"] == 150


def test_a_reset_drops_what_waits():
    with running_sandbox(webhook_url="http://127.0.0.1:9/", webhook_backoff_s=60) as sandbox:
        sandbox.inbound(number=NUMBER, text="Oi")
        assert eventually(lambda: sandbox.stats()["webhooks"]["queued"] == 1)

        sandbox.reset()

        assert set(sandbox.stats()["webhooks"].values()) == {0}
