"""Fase A, Pré-requisitos: "Circuit breaker | 5 falhas → abre, 60s reset".

Sixty seconds pass on the dispatcher's own clock, which the test sets; the provider and its failures are real HTTP.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from outbound.dispatcher import Dispatcher
from outbound.evolution.sandbox import RunningSandbox, running_sandbox
from outbound.methods import Status
from outbound.models import OutboundMessage, Sender
from tests.acceptance.observing import by_reason, by_status
from tests.factories import outbound as make


@dataclass
class Clock:
    """The wall clock, moved forward by hand."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dispatcher(outbox_ready: None, make_dispatcher: Callable[..., Dispatcher], clock: Clock) -> Dispatcher:
    return make_dispatcher(clock=clock)


@pytest.fixture
def closed_port() -> Iterator[str]:
    """A URL that refuses every connection: the port is taken, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def _drain_all(dispatcher: Dispatcher, clock: Clock) -> None:
    """Drain as a worker does: again as long as something may be claimed."""
    dispatcher.drain(seconds=10)
    while OutboundMessage.objects.claimable(clock()).exists():
        dispatcher.drain(seconds=10)


def _people_asked(sandbox: RunningSandbox, *, since: int) -> set[str]:
    return {asked.number for asked in sandbox.requests(since_index=since)}


def _open(sandbox: RunningSandbox, dispatcher: Dispatcher, *, now: datetime) -> None:
    sandbox.set_faults(["status503"])
    for _ in range(5):
        make.queued(make.contact(), now=now)
    dispatcher.drain(seconds=10)
    assert by_reason(Status.FAILED) == {"provider_error": 5}


def test_four_failed_messages_leave_it_closed_and_the_fifth_opens_it(
    sender: Sender, sandbox: RunningSandbox, dispatcher: Dispatcher, clock: Clock, now: datetime
) -> None:
    sandbox.set_faults(["status503"])
    for _ in range(4):
        make.queued(make.contact(), now=now)
    dispatcher.drain(seconds=10)
    sender.refresh_from_db()
    assert (sender.circuit_failures, sender.circuit_open_until) == (4, None)

    make.queued(make.contact(), now=now)
    dispatcher.drain(seconds=10)

    sender.refresh_from_db()
    assert sender.circuit_failures == 5
    assert sender.circuit_open_until is not None
    assert timedelta(seconds=58) < sender.circuit_open_until - clock() <= timedelta(seconds=60)
    opened = [event for event in make.events("outbound_blocked") if "openings_in_a_row" in event.event_props]
    assert [event.event_props["block_reason"] for event in opened] == ["circuit_open"]


def test_the_sixth_message_is_not_requested_until_sixty_seconds_are_over(
    sender: Sender, sandbox: RunningSandbox, dispatcher: Dispatcher, clock: Clock, now: datetime
) -> None:
    _open(sandbox, dispatcher, now=now)
    asked = len(sandbox.requests())
    sandbox.set_faults([])
    sixth = make.queued(make.contact(), now=now)

    dispatcher.drain(seconds=10)
    clock.forward(55)
    dispatcher.drain(seconds=10)

    assert len(sandbox.requests()) == asked
    sixth.refresh_from_db()
    assert sixth.status == "queued"

    clock.forward(6)
    dispatcher.drain(seconds=10)

    assert len(sandbox.requests()) == asked + 1
    sixth.refresh_from_db()
    assert sixth.status == "sent"


def test_an_open_circuit_probes_with_one_message_and_doubles_its_wait_each_time_the_probe_fails(
    sender: Sender, sandbox: RunningSandbox, dispatcher: Dispatcher, clock: Clock, now: datetime
) -> None:
    _open(sandbox, dispatcher, now=now)
    for _ in range(6):
        make.queued(make.contact(), now=now)

    for wait_s, longer_s in ((60, 120), (120, 240)):
        clock.forward(wait_s + 1)
        asked = len(sandbox.requests())

        _drain_all(dispatcher, clock)

        assert len(_people_asked(sandbox, since=asked)) == 1
        sender.refresh_from_db()
        assert sender.circuit_open_until is not None
        wait = sender.circuit_open_until - clock()
        assert timedelta(seconds=longer_s - 5) < wait <= timedelta(seconds=longer_s)
    assert by_status() == {"failed": 7, "queued": 4}


def test_a_probe_that_succeeds_closes_it_and_the_rest_goes_out(
    sender: Sender, sandbox: RunningSandbox, dispatcher: Dispatcher, clock: Clock, now: datetime
) -> None:
    _open(sandbox, dispatcher, now=now)
    for _ in range(6):
        make.queued(make.contact(), now=now)
    sandbox.set_faults([])
    clock.forward(61)

    _drain_all(dispatcher, clock)

    sender.refresh_from_db()
    assert (sender.circuit_failures, sender.circuit_trips, sender.circuit_open_until) == (0, 0, None)
    assert by_status() == {"failed": 5, "sent": 6}
    assert len(sandbox.delivered()) == 6


def test_a_success_between_failures_starts_the_count_anew(
    sender: Sender, sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime
) -> None:
    for faults, count in ((["status503"], 4), ([], 1), (["status503"], 4)):
        sandbox.set_faults(faults)
        for _ in range(count):
            make.queued(make.contact(), now=now)
        dispatcher.drain(seconds=10)

    sender.refresh_from_db()
    assert (sender.circuit_failures, sender.circuit_open_until) == (4, None)


def test_a_number_without_whatsapp_is_no_failure_of_the_provider(
    sender: Sender, dispatcher_to: Callable[..., Dispatcher], now: datetime
) -> None:
    people = [make.contact() for _ in range(6)]

    with running_sandbox(no_whatsapp=[person.phone for person in people]) as provider:
        dispatcher = dispatcher_to(provider.url)
        for person in people:
            make.queued(person, now=now)
        dispatcher.drain(seconds=10)

    assert by_status() == {"failed": 6}
    sender.refresh_from_db()
    assert (sender.circuit_failures, sender.circuit_open_until) == (0, None)


def test_connections_that_fail_open_it_too(
    sender: Sender, closed_port: str, dispatcher_to: Callable[..., Dispatcher], clock: Clock, now: datetime
) -> None:
    dispatcher = dispatcher_to(closed_port, clock=clock)
    for _ in range(5):
        make.queued(make.contact(), now=now)

    dispatcher.drain(seconds=10)

    sender.refresh_from_db()
    assert sender.circuit_open_until is not None
    assert by_reason(Status.FAILED) == {"provider_error": 5}


def test_one_senders_open_circuit_leaves_another_sender_alone(
    sender: Sender, sandbox: RunningSandbox, dispatcher: Dispatcher, clock: Clock, now: datetime
) -> None:
    _open(sandbox, dispatcher, now=now)
    sandbox.set_faults([])
    other = Sender.objects.create(instance="julia-2")
    inbound = make.inbound(make.contact(), at=now, sender=other)

    make.enqueue(make.reply(inbound), now=now)
    stays = make.queued(make.inbound(make.contact(), at=now, sender=sender).contact, now=now)
    _drain_all(dispatcher, clock)

    assert [message.instance for message in sandbox.delivered()] == ["julia-2"]
    stays.refresh_from_db()
    assert stays.status == "queued"
