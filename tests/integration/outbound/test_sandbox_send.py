"""sendText and its neighbours, as spec/evolution-api.md has them."""

from __future__ import annotations

import pytest

from outbound.evolution.sandbox import running_sandbox
from tests.integration.outbound.sandboxes import JID, NUMBER, provider, send


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(no_whatsapp=["5531987654321"]) as running:
        yield running


@pytest.fixture
def client(sandbox):
    sandbox.reset()
    with provider(sandbox.url) as client:
        yield client


def test_a_message_is_answered_as_whatsapp_stored_it(client, sandbox):
    answer = send(client, text="Oi, Dra. Ana ✓", linkPreview=False, delay=0)

    body = answer.json()
    assert answer.status_code == 201
    assert body["key"]["remoteJid"] == JID
    assert body["key"]["fromMe"] is True
    assert body["key"]["id"].startswith("3EB0")
    assert body["status"] == "PENDING"
    assert body["message"] == {"conversation": "Oi, Dra. Ana ✓"}
    assert body["messageType"] == "conversation"
    assert isinstance(body["messageTimestamp"], int)
    assert body["source"] == "unknown"
    assert {"pushName", "instanceId"} <= body.keys()
    assert [(message.text, message.id) for message in sandbox.delivered()] == [("Oi, Dra. Ana ✓", body["key"]["id"])]


def test_the_same_message_twice_is_sent_twice(client, sandbox):
    ids = {send(client).json()["key"]["id"] for _ in range(2)}

    assert len(ids) == len(sandbox.delivered()) == 2


def test_an_unknown_instance_is_told_before_the_key_is_checked(sandbox):
    with provider(sandbox.url, key="wrong") as stranger:
        answer = send(stranger, instance="nobody")

    assert answer.status_code == 404
    assert answer.json() == {
        "status": 404,
        "error": "Not Found",
        "response": {"message": ['The "nobody" instance does not exist']},
    }


@pytest.mark.parametrize("headers", [{"apikey": "wrong"}, {"apikey": ""}], ids=["wrong key", "empty key"])
def test_a_wrong_key_is_refused(client, sandbox, headers):
    answer = client.post("/message/sendText/julia", json={"number": NUMBER, "text": "Oi"}, headers=headers)

    assert answer.status_code == 401
    assert (answer.json()["status"], answer.json()["error"]) == (401, "Unauthorized")
    assert sandbox.delivered() == []


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        # What is required and absent is named.
        ({"number": NUMBER}, ['instance requires property "text"']),
        ({}, ['instance requires property "number"', 'instance requires property "text"']),
        # What is of the wrong type.
        ({"number": 5511987654321, "text": "Oi"}, ["Invalid format"]),
        ({"number": NUMBER, "text": None}, ["text is not of type(s) string"]),
        ({"number": NUMBER, "text": "Oi", "linkPreview": "no"}, ["linkPreview is not of type(s) boolean"]),
        ({"number": NUMBER, "text": "Oi", "delay": "1"}, ["Enter a value in milliseconds"]),
        # Not an object at all.
        (["Oi"], ["instance is not of type(s) object"]),
    ],
)
def test_a_body_outside_the_schema_is_refused_with_a_list_in_a_list(client, sandbox, body, problems):
    answer = client.post("/message/sendText/julia", json=body)

    assert answer.status_code == 400
    assert answer.json() == {"status": 400, "error": "Bad Request", "response": {"message": [problems]}}
    assert sandbox.delivered() == []


def test_a_body_that_is_no_json_is_refused(client):
    answer = client.post("/message/sendText/julia", content=b"{number")

    assert answer.status_code == 400
    assert answer.json()["error"] == "Bad Request"


def test_a_number_without_whatsapp_is_refused_by_its_identity(client, sandbox):
    # The same person, written without the ninth digit.
    answer = send(client, number="553187654321")

    assert answer.status_code == 400
    assert answer.json()["response"]["message"] == [
        {"jid": "553187654321@s.whatsapp.net", "exists": False, "number": "553187654321"}
    ]
    assert sandbox.delivered() == []


@pytest.mark.parametrize(
    ("number", "jid"),
    [
        # Below area code 31 the ninth digit stays.
        ("5511987654321", "5511987654321@s.whatsapp.net"),
        ("5528987654321", "5528987654321@s.whatsapp.net"),
        # From 31 on it goes when 7 or more follows.
        ("5531987654321", "553187654321@s.whatsapp.net"),
        ("5531977654321", "553177654321@s.whatsapp.net"),
        ("5585997654321", "558597654321@s.whatsapp.net"),
        ("5531967654321", "5531967654321@s.whatsapp.net"),
        # However it is written.
        ("+55 (31) 98765-4321", "553187654321@s.whatsapp.net"),
        # Other countries, and what is an identity already, stay.
        ("351912345678", "351912345678@s.whatsapp.net"),
        ("120363041234567890@g.us", "120363041234567890@g.us"),
        ("5531987654321@s.whatsapp.net", "5531987654321@s.whatsapp.net"),
    ],
)
def test_identities_are_made_by_the_providers_rule(client, number, jid):
    answer = client.post("/chat/whatsappNumbers/julia", json={"numbers": [number]})

    assert [(found["jid"], found["number"]) for found in answer.json()] == [(jid, number)]


def test_whatsapp_numbers_tells_who_exists(client):
    answer = client.post("/chat/whatsappNumbers/julia", json={"numbers": [NUMBER, "5531987654321", "12"]})

    assert answer.status_code == 200
    assert [found["exists"] for found in answer.json()] == [True, False, False]


@pytest.mark.parametrize("body", [{}, {"numbers": []}, {"numbers": NUMBER}, {"numbers": [1]}])
def test_whatsapp_numbers_checks_its_schema(client, body):
    answer = client.post("/chat/whatsappNumbers/julia", json=body)

    assert answer.status_code == 400
    assert isinstance(answer.json()["response"]["message"][0], list)


def test_connection_state_follows_the_connection(client, sandbox):
    before = client.get("/instance/connectionState/julia").json()
    sandbox.set_connection(state="connecting")
    after = client.get("/instance/connectionState/julia").json()

    assert before == {"instance": {"instanceName": "julia", "state": "open"}}
    assert after == {"instance": {"instanceName": "julia", "state": "connecting"}}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/chat/findMessages/"),
        ("POST", "/chat/whatsappNumbers/"),
        ("GET", "/instance/connectionState/"),
    ],
)
def test_every_route_refuses_strangers(sandbox, method, path):
    with provider(sandbox.url, key="wrong") as stranger:
        statuses = [stranger.request(method, path + name, json={}).status_code for name in ("nobody", "julia")]

    assert statuses == [404, 401]


def test_a_closed_socket_is_400_for_a_known_number_and_500_for_a_new_one(client, sandbox):
    assert send(client).status_code == 201
    sandbox.set_connection(state="close")

    known, new = send(client), send(client, number="5511900000001")

    assert known.status_code == 400
    assert known.json()["response"]["message"] == ["Error: Connection Closed"]
    assert (new.status_code, new.json()["error"]) == (500, "Internal Server Error")
    assert len(sandbox.delivered()) == 1


def test_any_instance_takes_every_name():
    with running_sandbox(any_instance=True) as sandbox, provider(sandbox.url) as client:
        answer = send(client, instance="julia 2")

        assert answer.status_code == 201
        assert sandbox.delivered()[0].instance == "julia 2"
