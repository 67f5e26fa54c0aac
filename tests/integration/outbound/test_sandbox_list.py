"""findMessages, with all that is surprising about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from outbound.evolution.sandbox import running_sandbox
from tests.integration.outbound.sandboxes import JID, eventually, find, provider, send, texts


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(instances=("julia", "other")) as running:
        yield running


@pytest.fixture
def client(sandbox):
    sandbox.reset()
    with provider(sandbox.url) as client:
        yield client


def iso(at):
    return at.isoformat().replace("+00:00", "Z")


def test_a_record_has_what_the_contract_names(client):
    key = send(client, text="Oi").json()["key"]

    answer = find(client)

    messages = answer.json()["messages"]
    record = messages["records"][0]
    assert answer.status_code == 200
    assert (messages["total"], messages["pages"], messages["currentPage"]) == (1, 1, 1)
    assert record["key"] == key
    assert record["message"] == {"conversation": "Oi"}
    assert record["messageType"] == "conversation"
    assert isinstance(record["messageTimestamp"], int)
    assert "id" in record
    assert "status" not in record


def test_nothing_found_is_no_page(client):
    assert find(client).json()["messages"] == {"total": 0, "pages": 0, "currentPage": 1, "records": []}


def test_statuses_come_one_after_the_other(client):
    send(client)

    def statuses():
        return [update["status"] for update in find(client).json()["messages"]["records"][0]["MessageUpdate"]]

    assert eventually(lambda: len(statuses()) == 2)
    assert statuses() == ["SERVER_ACK", "DELIVERY_ACK"]


def test_the_jid_is_compared_exactly(client):
    send(client, number="5531987654321")

    assert texts(find(client, jid="553187654321@s.whatsapp.net")) == ["Oi"]
    assert texts(find(client, jid="5531987654321@s.whatsapp.net")) == []


def test_an_instance_lists_only_its_own(client):
    send(client, instance="other")

    assert texts(find(client, instance="other")) == ["Oi"]
    assert texts(find(client, instance="julia")) == []


def test_asking_for_what_is_not_ours_is_ignored(client, sandbox):
    send(client, text="ours")
    sandbox.inbound(number="5511987654321", text="theirs")

    assert texts(find(client, from_me=False)) == ["theirs", "ours"]
    assert texts(find(client, from_me=True)) == ["ours"]


def test_pages_go_from_the_newest(client):
    for number in range(5):
        send(client, text=str(number))

    first, last, beyond = (find(client, page=page, offset=2) for page in (1, 3, 4))

    assert (texts(first), texts(last), texts(beyond)) == (["4", "3"], ["0"], [])
    assert first.json()["messages"]["total"] == 5
    assert (last.json()["messages"]["pages"], last.json()["messages"]["currentPage"]) == (3, 3)


def test_a_page_has_fifty_unless_told(client):
    for number in range(51):
        send(client, text=str(number))

    assert len(texts(find(client))) == 50


@pytest.mark.parametrize(
    ("period", "is_found"),
    [
        # Both ends: the filter applies.
        ({"gte": -60, "lte": 60}, True),
        ({"gte": -120, "lte": -60}, False),
        ({"gte": 60, "lte": 120}, False),
        # One end: as if there were none.
        ({"gte": 60}, True),
        ({"lte": -60}, True),
    ],
)
def test_the_time_counts_only_with_both_ends(client, period, is_found):
    send(client)
    now = datetime.now(UTC)

    asked = {name: iso(now + timedelta(seconds=seconds)) for name, seconds in period.items()}

    assert texts(find(client, where={"messageTimestamp": asked})) == (["Oi"] if is_found else [])


def test_an_instant_that_is_none_breaks_the_provider(client):
    answer = find(client, where={"messageTimestamp": {"gte": "yesterday", "lte": "today"}})

    assert (answer.status_code, answer.json()["error"]) == (500, "Internal Server Error")


@pytest.mark.parametrize("body", [{"where": []}, {"where": [1]}, {"page": "1"}, {"offset": -1}])
def test_a_body_outside_the_schema_is_refused(client, body):
    answer = client.post("/chat/findMessages/julia", json=body)

    # An empty list passes for nothing asked, as it does in the provider's language.
    assert answer.status_code == (200 if body == {"where": []} else 400)


def test_a_message_shows_up_late(client, sandbox):
    sandbox.set_lag(ms=300)
    sent_at = datetime.now(UTC)

    send(client)

    assert texts(find(client)) == []
    assert eventually(lambda: texts(find(client)) == ["Oi"])
    assert datetime.now(UTC) - sent_at >= timedelta(milliseconds=300)


def test_everything_is_listed_without_a_jid(client):
    send(client, text="1")
    send(client, number="5511900000001", text="2")

    answer = client.post("/chat/findMessages/julia", json={})

    assert texts(answer) == ["2", "1"]
    assert JID in {record["key"]["remoteJid"] for record in answer.json()["messages"]["records"]}
