"""Fase A and Gap C1 under load: "Sem reprocessamento agressivo: workers não devem retry sem dedupe".

Two workers, then eight, on one queue: nobody hears anything twice, nothing is left, nobody waits for each other in
circles; and a worker that is killed leaves a trace and no second message.
"""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from outbound import dispatcher as dispatching
from outbound import jobs, outbox
from outbound.dispatcher import Dispatcher
from outbound.evolution.sandbox import RunningSandbox
from outbound.methods import Status
from outbound.models import Contact, OutboundMessage, Sender
from tests.acceptance.conftest import AMPLE_LIMITS
from tests.acceptance.observing import by_status, delivered_texts, logs
from tests.factories import outbound as make
from tests.waiting import wait_for

MESSAGES = 400


def _crowd(count: int) -> list[Contact]:
    people = [Contact(phone=f"55119{60000000 + number}", name=f"Dr. {number}") for number in range(count)]
    return Contact.objects.bulk_create(people)


def _campaign(count: int, *, now: datetime) -> None:
    messages = [make.message(person.pk, text=f"Plantão {n}") for n, person in enumerate(_crowd(count))]
    with transaction.atomic():
        outbox.enqueue_many(messages, now=now)


@pytest.mark.parametrize("workers", [2, 8])
def test_workers_together_deliver_everything_once(
    workers: int,
    outbox_ready: None,
    sandbox: RunningSandbox,
    start_workers: Callable[..., Any],
    tmp_path: Path,
    now: datetime,
) -> None:
    Sender.objects.bulk_create(Sender(instance=f"julia-{n}") for n in (2, 3))
    _campaign(MESSAGES, now=now)
    sandbox.set_latency(ms=20)

    start_workers(workers, OUTBOUND_CONCURRENCY="8", OUTBOUND_RATE_LIMITS=AMPLE_LIMITS)
    wait_for(lambda: by_status() == {"sent": MESSAGES}, seconds=60, what="sending all")

    assert delivered_texts(sandbox) == Counter(f"Plantão {n}" for n in range(MESSAGES))
    assert len(sandbox.requests()) == MESSAGES
    assert {message.instance for message in sandbox.delivered()} == {"julia", "julia-2", "julia-3"}
    assert len(make.events("outbound_sent")) == MESSAGES
    told = {row.provider_message_id for row in OutboundMessage.objects.all()}
    assert told == {message.id for message in sandbox.delivered()}
    written = logs(tmp_path).lower()
    assert "deadlock" not in written
    assert "traceback" not in written


def test_a_person_always_hears_from_the_same_number(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any], now: datetime
) -> None:
    Sender.objects.bulk_create(Sender(instance=f"julia-{n}") for n in (2, 3))
    people = [make.contact() for _ in range(30)]
    for person in people:
        for n in range(3):
            make.queued(person, now=now, text=f"{n}")

    start_workers(2, OUTBOUND_CONCURRENCY="4", OUTBOUND_RATE_LIMITS=AMPLE_LIMITS)
    wait_for(lambda: by_status() == {"sent": 90}, what="sending all")

    heard: dict[str, set[str]] = {}
    for message in sandbox.delivered():
        heard.setdefault(message.number, set()).add(message.instance)
    assert {len(instances) for instances in heard.values()} == {1}
    assert len(heard) == 30


def test_a_worker_that_is_told_to_stop_finishes_what_it_began(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any], now: datetime
) -> None:
    _campaign(100, now=now)
    sandbox.set_latency(ms=300)
    (worker,) = start_workers(1, OUTBOUND_CONCURRENCY="8", OUTBOUND_RATE_LIMITS=AMPLE_LIMITS)
    wait_for(sandbox.requests, what="sending")

    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=30)

    asked = len(sandbox.requests())
    assert asked < 100
    assert len(sandbox.delivered()) == asked
    assert by_status() == {"sent": asked, "queued": 100 - asked}

    # The next worker sends the rest.
    sandbox.set_latency(ms=0)
    start_workers(1, OUTBOUND_RATE_LIMITS=AMPLE_LIMITS)
    wait_for(lambda: by_status() == {"sent": 100}, what="sending the rest")
    assert set(delivered_texts(sandbox).values()) == {1}


def test_what_has_no_answer_when_its_worker_must_end_is_left_in_doubt(
    dispatcher: Dispatcher, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    monkeypatch.setattr(dispatching, "GRACE_S", 0.2)
    sandbox.set_latency(ms=20_000)
    make.queued(make.contact(), now=now)
    draining = threading.Thread(target=_drain, args=[dispatcher])
    draining.start()
    wait_for(sandbox.requests, what="sending")

    dispatcher.stop()
    draining.join(timeout=10)

    assert not draining.is_alive()
    assert by_status() == {"unknown": 1}


def _drain(dispatcher: Dispatcher) -> None:
    dispatcher.drain(seconds=20)
    connections.close_all()


def test_what_a_killed_worker_had_in_flight_is_not_sent_again(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any], now: datetime
) -> None:
    _campaign(60, now=now)
    sandbox.set_latency(ms=300)
    (worker,) = start_workers(1, OUTBOUND_CONCURRENCY="8", OUTBOUND_RATE_LIMITS=AMPLE_LIMITS)
    wait_for(sandbox.requests, what="sending")

    worker.kill()
    worker.wait(timeout=30)
    in_flight = OutboundMessage.objects.filter(status=Status.SENDING)
    texts = set(in_flight.values_list("text", flat=True))

    # It leaves a trace, and another worker, woken by the next sweep, leaves that alone.
    assert texts
    sandbox.set_latency(ms=0)
    start_workers(1, OUTBOUND_RATE_LIMITS=AMPLE_LIMITS)
    jobs.sweep()
    wait_for(lambda: by_status() == {"sent": 60 - len(texts), "sending": len(texts)}, what="sending the rest")
    assert set(in_flight.values_list("text", flat=True)) == texts
    assert max(delivered_texts(sandbox).values()) == 1
