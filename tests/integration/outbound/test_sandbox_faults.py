"""What can be made to go wrong, for whom, and whether the message left all the same."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from outbound.evolution.sandbox import FaultError, running_sandbox
from tests.integration.outbound.sandboxes import NUMBER, eventually, find, provider, send, texts

OTHER = "5511900000001"


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(seed=7) as running:
        yield running


@pytest.fixture
def client(sandbox):
    sandbox.reset()
    with provider(sandbox.url) as client:
        yield client


@pytest.mark.parametrize(
    ("fault", "status", "is_delivered"),
    [
        ("status500_before", 500, False),
        ("status500_after", 500, True),
        ("wrapped400_before", 400, False),
        ("wrapped400_after", 400, True),
        ("status502", 502, False),
        ("status502_after", 502, True),
        ("status503", 503, False),
        ("status429", 429, False),
    ],
)
def test_a_failing_answer_says_nothing_about_the_message(client, sandbox, fault, status, is_delivered):
    sandbox.set_faults([fault])

    answer = send(client)

    assert answer.status_code == status
    assert len(sandbox.delivered()) == int(is_delivered)
    assert texts(find(client)) == (["Oi"] if is_delivered else [])
    assert [asked.outcome for asked in sandbox.requests()] == [fault]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_wrapped_failure_is_a_list_with_one_sentence(client, sandbox, moment):
    sandbox.set_faults([f"wrapped400_{moment}"])

    assert send(client).json() == {
        "status": 400,
        "error": "Bad Request",
        "response": {"message": ["Error: Connection Closed"]},
    }


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(("fault", "is_delivered"), [("timeout_before", False), ("timeout_after", True)])
def test_a_timeout_never_answers(sandbox, fault, is_delivered):
    sandbox.set_faults([fault])

    with provider(sandbox.url, timeout_s=0.2) as impatient, pytest.raises(httpx.ReadTimeout):
        send(impatient)

    assert len(sandbox.delivered()) == int(is_delivered)
    assert eventually(lambda: sandbox.stats()["in_flight"] == 0)


def test_a_timeout_ends_by_itself_when_told(client, sandbox):
    sandbox.set_faults(["timeout_before:for=0.1"])

    with pytest.raises(httpx.TransportError):
        send(client)


@pytest.mark.parametrize(("fault", "is_delivered"), [("reset_before", False), ("reset_after", True)])
def test_a_reset_breaks_the_connection(client, sandbox, fault, is_delivered):
    sandbox.set_faults([fault])

    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        send(client)

    assert len(sandbox.delivered()) == int(is_delivered)


def test_turning_away_says_for_how_long(client, sandbox):
    sandbox.set_faults(["status429:first=1:retry_after=2", "status503:first=1:retry_after=3"])

    assert [send(client).headers.get("Retry-After") for _ in range(3)] == ["2", "3", None]


def test_an_unstored_message_reached_the_phone_and_is_in_no_list(client, sandbox):
    sandbox.set_faults(["wrapped400_after:unstored"])

    assert send(client).status_code == 400

    assert len(sandbox.delivered()) == 1
    assert texts(find(client)) == []


def test_the_first_ones_fail(client, sandbox):
    sandbox.set_faults(["status503:first=2"])

    assert [send(client).status_code for _ in range(4)] == [503, 503, 201, 201]


def test_one_number_fails_however_it_is_written(client, sandbox):
    sandbox.set_faults([f"status503:number={NUMBER}"])

    numbers = (NUMBER, OTHER, "+55 11 98765-4321")

    assert [send(client, number=number).status_code for number in numbers] == [503, 201, 503]


def test_the_first_fault_that_strikes_wins(client, sandbox):
    sandbox.set_faults(["status503:first=1", f"status502:number={NUMBER}:first=1", "status429=0"])

    assert [send(client).status_code for _ in range(3)] == [503, 502, 201]


def test_a_share_fails_and_a_seed_repeats_it(client, sandbox):
    def statuses():
        sandbox.set_faults(["status503=0.3"])
        return [send(client).status_code for _ in range(100)]

    first, again = statuses(), statuses()

    assert first == again
    assert 15 <= first.count(503) <= 45


def test_what_is_refused_anyway_uses_no_fault_up(client, sandbox):
    sandbox.set_faults(["status503:first=1"])

    assert client.post("/message/sendText/julia", json={}).status_code == 400
    assert send(client, instance="nobody").status_code == 404
    assert send(client).status_code == 503


def test_a_list_can_be_refused(client, sandbox):
    send(client)
    sandbox.set_faults(["no_list:first=1"])

    refused, answered = find(client), find(client)

    assert (refused.status_code, texts(answered)) == (500, ["Oi"])
    assert sandbox.stats()["lists"] == 2


def test_latency_holds_each_message_and_not_the_others(client, sandbox):
    sandbox.set_latency(ms=200)

    started = time.monotonic()
    with ThreadPoolExecutor(10) as threads:
        statuses = list(threads.map(lambda _: send(client).status_code, range(10)))
    took_s = time.monotonic() - started

    assert statuses == [201] * 10
    assert 0.2 <= took_s < 1.5
    assert sandbox.stats()["max_in_flight"] == 10


@pytest.mark.usefixtures("client")
def test_who_hangs_up_does_not_stop_the_message(sandbox):
    sandbox.set_latency(ms=200)

    with provider(sandbox.url, timeout_s=0.05) as impatient, pytest.raises(httpx.ReadTimeout):
        send(impatient)

    assert sandbox.delivered() == []
    assert eventually(sandbox.delivered)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("explode", "unknown_kind"),
        ("", "unknown_kind"),
        ("status503=2", "bad_share"),
        ("status503=often", "bad_share"),
        ("status503=nan", "bad_share"),
        ("status503:last=1", "unknown_option"),
        ("status503:first=one", "bad_value"),
    ],
)
def test_a_spec_that_cannot_be_read_changes_nothing(client, sandbox, spec, reason):
    sandbox.set_faults(["status503"])

    with pytest.raises(FaultError, match=reason):
        sandbox.set_faults(["status502", spec])

    assert send(client).status_code == 503


def test_a_sandbox_stops_at_once_while_somebody_waits():
    with ThreadPoolExecutor(1) as threads:
        with running_sandbox(faults=["timeout_before"]) as sandbox:
            waiting = threads.submit(_send_alone, sandbox.url)
            assert eventually(lambda: sandbox.stats()["in_flight"] == 1)
            stopping_at = time.monotonic()

        assert time.monotonic() - stopping_at < 3
        assert isinstance(waiting.exception(), httpx.TransportError)


def _send_alone(url):
    with provider(url) as client:
        return send(client)
