"""The sandbox's own routes: what it saw, and changing it while it runs."""

from __future__ import annotations

import time

import pytest

from outbound.evolution.sandbox import running_sandbox
from tests.integration.outbound.sandboxes import JID, NUMBER, ear, eventually, find, provider, send, texts


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(instances=("julia", "other"), lag_ms=0, faults=["status503:number=5511900000009"]) as running:
        yield running


@pytest.fixture
def client(sandbox):
    with provider(sandbox.url) as client:
        client.post("/_sandbox/reset")
        yield client


def test_delivered_lists_what_was_accepted(client):
    before = time.time()
    ids = [send(client, text=text).json()["key"]["id"] for text in "ab"]

    delivered = client.get("/_sandbox/delivered").json()

    assert [entry.pop("accepted_at") >= before for entry in delivered] == [True, True]
    assert delivered == [
        {"index": index, "instance": "julia", "number": NUMBER, "jid": JID, "text": text, "id": ids[index]}
        for index, text in enumerate("ab")
    ]


def test_delivered_can_be_read_on(client):
    for text in "abc":
        send(client, text=text)

    def since(index):
        return [entry["text"] for entry in client.get("/_sandbox/delivered", params={"since_index": index}).json()]

    assert (since(1), since(3), since(9)) == (["b", "c"], [], [])


def test_requests_lists_the_refused_ones_too(client):
    send(client)
    send(client, instance="nobody")
    send(client, number="12")
    client.post("/message/sendText/other", json={})
    client.post("/message/sendText/julia", json={}, headers={"apikey": "wrong"})

    requests = client.get("/_sandbox/requests").json()

    assert [(one["instance"], one["number"], one["outcome"]) for one in requests] == [
        ("julia", NUMBER, "accepted"),
        ("nobody", "", "unknown_instance"),
        ("julia", "12", "no_whatsapp"),
        ("other", "", "bad_schema"),
        ("julia", "", "unauthorized"),
    ]
    assert sorted(one["started_at"] for one in requests) == [one["started_at"] for one in requests]
    assert client.get("/_sandbox/requests?since_index=4").json() == requests[4:]


def test_stats_counts_by_outcome(client):
    send(client)
    send(client, number="5511900000009")
    find(client)

    stats = client.get("/_sandbox/stats").json()

    assert stats["outcomes"] == {"accepted": 1, "status503": 1}
    assert (stats["requests"], stats["delivered"], stats["lists"]) == (2, 1, 1)
    assert (stats["in_flight"], stats["max_in_flight"]) == (0, 1)
    assert stats["webhooks"] is None


def test_faults_are_replaced(client):
    assert client.post("/_sandbox/faults", json=["status502:first=1"]).json() == ["status502:first=1"]
    assert [send(client, number="5511900000009").status_code for _ in range(2)] == [502, 201]

    assert client.post("/_sandbox/faults", json=[]).status_code == 200
    assert send(client).status_code == 201


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", ["explode"]),
        ("faults", {"status503": 1}),
        ("faults", [1]),
        ("latency", {"ms": -1}),
        ("latency", {"ms": "1"}),
        ("lag", 5),
        ("connection", {"instance": "julia", "state": "asleep"}),
        ("inbound", {"number": NUMBER}),
        ("inbound", {"number": NUMBER, "text": "Oi", "shoe_size": 43}),
        ("inbound", []),
    ],
)
def test_what_cannot_be_read_is_refused(client, path, body):
    assert client.post(f"/_sandbox/{path}", json=body).status_code == 400


def test_what_is_no_json_or_no_index_is_refused(client):
    assert client.post("/_sandbox/lag", content=b"{").status_code == 400
    assert client.get("/_sandbox/delivered?since_index=-1").status_code == 400


def test_latency_and_lag_change_at_once(client):
    client.post("/_sandbox/latency", json={"ms": 100})
    client.post("/_sandbox/lag", json={"ms": 60_000})

    started = time.monotonic()
    answer = send(client)

    assert answer.status_code == 201
    assert time.monotonic() - started >= 0.1
    assert texts(find(client)) == []


def test_connection_changes_one_instance(client):
    client.post("/_sandbox/connection", json={"instance": "julia", "state": "close"})

    states = [
        client.get(f"/instance/connectionState/{name}").json()["instance"]["state"] for name in ("julia", "other")
    ]

    assert states == ["close", "open"]


def test_inbound_is_told_over_http():
    with ear() as listener, running_sandbox(webhook_url=listener.url) as sandbox, provider(sandbox.url) as client:
        answer = client.post("/_sandbox/inbound", json={"number": NUMBER, "text": "Oi", "instance": "julia"})

        body = eventually(lambda: listener.heard)[0].body
        assert answer.json() == {"id": body["data"]["key"]["id"], "jid": JID, "is_told": True}


def test_inbound_says_when_nobody_is_told(client):
    answer = client.post("/_sandbox/inbound", json={"number": NUMBER, "text": "Oi"})

    assert (answer.status_code, answer.json()["is_told"]) == (201, False)


def test_a_reset_goes_back_to_the_start(client):
    send(client)
    client.post("/_sandbox/latency", json={"ms": 50})
    client.post("/_sandbox/faults", json=["status502"])
    client.post("/_sandbox/connection", json={"instance": "julia", "state": "close"})

    stats = client.post("/_sandbox/reset").json()

    assert (stats["requests"], stats["delivered"], stats["latency_ms"], stats["outcomes"]) == (0, 0, 0, {})
    assert stats["faults"] == ["status503:number=5511900000009"]
    assert texts(find(client)) == []
    assert send(client).status_code == 201


def test_the_control_routes_need_no_key(sandbox):
    with provider(sandbox.url, key="") as anybody:
        assert anybody.get("/_sandbox/stats").status_code == 200
