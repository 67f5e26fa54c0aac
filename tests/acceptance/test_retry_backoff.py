"""Fase B, Gap B2: "Retry/backoff Evolution": three attempts, 0.3 s and 1 s apart, ±20 %.

Measured at the provider. Unlike in the document, nothing ambiguous is sent again: a timeout or a 500 may have delivered
the message, and Gap C1 names the price ("timeout + retry = duplicata").
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import pytest

from outbound import senders
from outbound.dispatcher import Dispatcher
from outbound.evolution.sandbox import RunningSandbox, running_sandbox
from outbound.methods import Method
from outbound.models import OutboundMessage, Sender
from tests.acceptance.observing import by_status
from tests.factories import outbound as make

# What a busy machine may add between two attempts, in seconds; nothing may make them come sooner.
LATE_S = 0.35
EARLY_S = 0.01


def _gaps(sandbox: RunningSandbox, phone: str) -> list[float]:
    at = [asked.started_at for asked in sandbox.requests() if asked.number == phone]
    return [later - earlier for earlier, later in pairwise(at)]


@contextmanager
def _provider_answering(status: int, body: bytes) -> Iterator[tuple[str, list[str]]]:
    """A server that has one answer to everything, and the paths it was asked for."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            paths.append(self.path)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: Any) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", paths
        finally:
            server.shutdown()
            thread.join()


def test_two_failures_then_success_sends_at_the_third_attempt_with_the_documents_delays(
    sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime
) -> None:
    people = [make.contact() for _ in range(15)]
    sandbox.set_faults([f"status503:first=2:number={person.phone}" for person in people])
    for person in people:
        make.queued(person, now=now)

    dispatcher.drain(seconds=10)

    assert by_status() == {"sent": 15}
    assert len(sandbox.delivered()) == 15
    gaps = [_gaps(sandbox, person.phone) for person in people]
    assert {len(gap) for gap in gaps} == {2}
    assert all(0.24 - EARLY_S <= first <= 0.36 + LATE_S for first, _ in gaps), gaps
    assert all(0.8 - EARLY_S <= second <= 1.2 + LATE_S for _, second in gaps), gaps
    # Jitter spreads them: fifteen draws over 0.4 s do not fall together.
    assert max(second for _, second in gaps) - min(second for _, second in gaps) > 0.1
    assert {event.event_props["attempts"] for event in make.events("outbound_sent")} == {3}


@pytest.mark.parametrize("fault", ["status503", "status429"])
def test_three_attempts_are_all_there_are(
    fault: str, sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime
) -> None:
    sandbox.set_faults([fault])
    message = make.queued(make.contact(), now=now)

    dispatcher.drain(seconds=10)
    dispatcher.drain(seconds=10)

    message.refresh_from_db()
    assert (message.status, message.reason, message.attempts) == ("failed", "provider_error", 3)
    assert len(sandbox.requests()) == 3
    assert sandbox.delivered() == []
    (event,) = make.events("outbound_blocked", block_reason="provider_error")
    assert event.event_props["message_id"] == str(message.pk)


def test_a_short_retry_after_is_waited_for(sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime) -> None:
    sandbox.set_faults(["status429:first=1:retry_after=1"])
    person = make.contact()
    make.queued(person, now=now)

    dispatcher.drain(seconds=10)

    assert by_status() == {"sent": 1}
    (gap,) = _gaps(sandbox, person.phone)
    assert 1.0 - EARLY_S <= gap <= 1.2 + LATE_S


def test_a_long_retry_after_is_waited_for_in_the_queue(
    sandbox: RunningSandbox, make_dispatcher: Callable[..., Dispatcher], sender: Sender, now: datetime
) -> None:
    sandbox.set_faults(["status503:first=1:retry_after=40"])
    message = make.queued(make.contact(), now=now)
    ahead = timedelta()
    dispatcher = make_dispatcher(clock=lambda: datetime.now(UTC) + ahead)

    dispatcher.drain(seconds=10)

    message.refresh_from_db()
    assert (message.status, message.reason) == ("queued", "provider_error")
    assert message.due_at is not None
    assert timedelta(seconds=30) < message.due_at - datetime.now(UTC) <= timedelta(seconds=40)
    assert len(sandbox.requests()) == 1

    ahead = timedelta(seconds=41)
    dispatcher.drain(seconds=10)
    assert by_status() == {"sent": 1}
    assert len(sandbox.delivered()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        "reset_after",  # the line went dead after it had left
        "status500_after",  # the provider says it failed
        "status502_after",  # its proxy says so
        "wrapped400_after",  # "Connection Closed", as a 400
    ],
)
def test_a_message_that_left_without_a_good_answer_is_found_and_never_sent_again(
    fault: str, sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime
) -> None:
    sandbox.set_faults([fault])
    message = make.queued(make.contact(phone="5531987650001"), now=now)

    dispatcher.drain(seconds=10)
    dispatcher.drain(seconds=10)

    message.refresh_from_db()
    (delivered,) = sandbox.delivered()
    assert (message.status, message.provider_message_id) == ("sent", delivered.id)
    assert len(sandbox.requests()) == 1
    assert sandbox.stats()["lists"] >= 1


@pytest.mark.parametrize("fault", ["reset_after", "status500_after", "status502_after", "wrapped400_after"])
@pytest.mark.parametrize(
    "list_fault",
    [
        "no_list",  # the provider does not answer the question
        None,  # it answers that it knows of nothing, which is no proof: it stores late
    ],
)
def test_a_message_that_may_have_left_without_proof_is_unknown_and_never_sent_again(
    list_fault: str | None, fault: str, sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime
) -> None:
    sandbox.set_faults([fault, list_fault] if list_fault else [f"{fault}:unstored"])
    message = make.queued(make.contact(), now=now)

    dispatcher.drain(seconds=10)
    sandbox.set_faults([])
    dispatcher.drain(seconds=10)

    message.refresh_from_db()
    assert (message.status, message.reason) == ("unknown", "provider_error")
    assert len(sandbox.delivered()) == 1
    assert len(sandbox.requests()) == 1


@pytest.mark.parametrize("fault", ["wrapped400_before", "status500_before", "reset_before", "status502"])
def test_what_did_not_leave_but_might_have_is_unknown_and_not_sent_again(
    fault: str, sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime
) -> None:
    sandbox.set_faults([f"{fault}:first=1"])
    message = make.queued(make.contact(), now=now)

    dispatcher.drain(seconds=10)
    dispatcher.drain(seconds=10)

    message.refresh_from_db()
    assert message.status == "unknown"
    assert sandbox.delivered() == []
    assert len(sandbox.requests()) == 1


def test_the_same_text_sent_earlier_is_no_proof_for_this_message(
    sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime
) -> None:
    person = make.contact()
    make.queued(person, now=now, text="Plantão?", template_ref="um")
    dispatcher.drain(seconds=10)
    assert by_status() == {"sent": 1}
    sandbox.set_faults(["wrapped400_before"])

    second = make.queued(person, now=now, text="Plantão?", template_ref="dois")
    dispatcher.drain(seconds=10)

    second.refresh_from_db()
    assert second.status == "unknown"
    assert len(sandbox.delivered()) == 1


def test_doubtful_messages_with_one_text_are_not_taken_for_each_other(
    sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime
) -> None:
    sandbox.set_faults(["reset_after"])
    person = make.contact()
    for n in range(8):
        make.queued(person, now=now, method=Method.MANUAL, text="Plantão?", template_ref=f"{n}")

    dispatcher.drain(seconds=10)
    # One bad batch would hold up everything after it.
    sandbox.set_faults([])
    after = make.queued(make.contact(), now=now)
    dispatcher.drain(seconds=10)

    after.refresh_from_db()
    assert after.status == "sent"
    rows = list(OutboundMessage.objects.filter(contact=person))
    found = [row.provider_message_id for row in rows if row.status == "sent"]
    assert {row.status for row in rows} <= {"sent", "unknown"}
    assert len(found) == len(set(found))
    assert set(found) <= {delivered.id for delivered in sandbox.delivered()}
    assert len(sandbox.delivered()) == len(sandbox.requests()) == 9


SCHEMA_ERROR = (
    b'{"status":400,"error":"Bad Request","response":{"message":[["instance requires property \\"number\\""]]}}'
)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, SCHEMA_ERROR),  # the provider's schema refuses it
        (400, b'{"status":400,"response":{"message":[{"exists":false,"jid":"x","number":"x"}]}}'),  # not on WhatsApp
        (403, b'{"status":403,"error":"Forbidden"}'),  # any other 4xx
        (413, b"<html>too large</html>"),  # not even JSON
    ],
)
def test_a_plain_refusal_is_final(
    status: int, body: bytes, sender: Sender, dispatcher_to: Callable[..., Dispatcher], now: datetime
) -> None:
    message = make.queued(make.contact(), now=now)

    with _provider_answering(status, body) as (url, paths):
        dispatcher = dispatcher_to(url)
        dispatcher.drain(seconds=10)
        dispatcher.drain(seconds=10)

    message.refresh_from_db()
    assert (message.status, message.reason, message.attempts) == ("failed", "provider_error", 1)
    assert paths == ["/message/sendText/julia"]


def test_a_number_that_is_not_on_whatsapp_fails_at_once(
    sender: Sender, dispatcher_to: Callable[..., Dispatcher], now: datetime
) -> None:
    person = make.contact()
    message = make.queued(person, now=now)

    with running_sandbox(no_whatsapp=[person.phone]) as provider:
        dispatcher_to(provider.url).drain(seconds=10)
        asked = provider.requests()

    message.refresh_from_db()
    assert (message.status, message.attempts) == ("failed", 1)
    assert len(asked) == 1


def test_a_created_without_an_id_is_ambiguous(
    sender: Sender, dispatcher_to: Callable[..., Dispatcher], now: datetime
) -> None:
    message = make.queued(make.contact(), now=now)

    with _provider_answering(201, b'{"status":"PENDING"}') as (url, paths):
        dispatcher_to(url).drain(seconds=10)

    message.refresh_from_db()
    assert message.status == "unknown"
    assert paths.count("/message/sendText/julia") == 1


@pytest.mark.parametrize("wrong", ["key", "instance"])
def test_a_wrong_key_or_instance_stops_the_sender_until_somebody_resumes_it(
    wrong: str, sender: Sender, sandbox: RunningSandbox, dispatcher_to: Callable[..., Dispatcher], now: datetime
) -> None:
    message, later = make.queued(make.contact(), now=now), make.queued(make.contact(), now=now)

    # The provider refuses the key (401), or knows no such instance (404).
    settings: dict[str, Any] = {"api_key": "another"} if wrong == "key" else {"instances": ("another",)}
    with running_sandbox(**settings) as provider:
        refused = dispatcher_to(provider.url, concurrency=1)
        refused.drain(seconds=10)
        refused.drain(seconds=10)
        assert len(provider.requests()) == 1
    sender.refresh_from_db()
    assert sender.stopped_reason == ("HTTP 401" if wrong == "key" else "HTTP 404")
    (incident,) = make.events("incident_opened")
    assert (incident.event_props["kind"], incident.event_props["severity"]) == ("sender_stopped", "P1")
    message.refresh_from_db()
    assert (message.status, message.reason) == ("queued", "sender_stopped")

    # It is mended, and somebody says so.
    mended = dispatcher_to(sandbox.url)
    mended.drain(seconds=10)
    assert sandbox.requests() == []
    assert senders.resume(instance="julia", actor="ana", reason="chave trocada", now=datetime.now(UTC))
    mended.drain(seconds=10)
    assert {delivered.text for delivered in sandbox.delivered()} == {message.text, later.text}
