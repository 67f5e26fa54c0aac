"""Fase A, Pré-requisitos: "Rate limiter | 20/hora, 100/dia por telefone".

Twenty in any sixty minutes and a hundred in any twenty-four hours, for our phones and for theirs, however many worker
processes claim at once: counted on what the provider delivered. Nothing here sets a limit: these are the defaults.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings

from outbound.dispatcher import Dispatcher
from outbound.evolution.sandbox import RunningSandbox
from outbound.guardrails.limits import Limit
from outbound.methods import Method, Status
from outbound.models import Contact, Conversation, OutboundMessage, Sender
from tests.acceptance.observing import by_status, is_quiet, logs
from tests.factories import outbound as make
from tests.waiting import wait_for

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECOND = timedelta(seconds=1)


def _through(sender: Sender, to: Contact, *, now: datetime, **changes: Any) -> OutboundMessage:
    """Queue a message that leaves from a certain number of ours."""
    conversation = Conversation.objects.create(contact=to, sender=sender)
    return make.queued(to, now=now, conversation_id=conversation.pk, **changes)


def _delivered_by_instance(sandbox: RunningSandbox) -> Counter[str]:
    return Counter(message.instance for message in sandbox.delivered())


def test_the_documents_limits_are_in_force_without_any_setting() -> None:
    assert (Limit(count=20, window=HOUR), Limit(count=100, window=DAY)) == settings.OUTBOUND_RATE_LIMITS


@pytest.mark.parametrize("workers", [2, 8])
def test_no_phone_passes_its_limits_however_many_workers_there_are(
    workers: int,
    outbox_ready: None,
    sandbox: RunningSandbox,
    start_workers: Callable[..., Any],
    tmp_path: Any,
    now: datetime,
) -> None:
    hourly, daily, first, second, earlier = (Sender.objects.create(instance=f"numero-{n}") for n in range(5))
    # One of ours with 30 to send.
    for _ in range(30):
        _through(hourly, make.contact(), now=now)
    # One of ours that has sent 95 today, none of them in this hour, with 10 to send.
    for n in range(95):
        make.sent_before(make.contact(), at=now - timedelta(hours=2, minutes=12 * n), sender=daily)
    for _ in range(10):
        _through(daily, make.contact(), now=now)
    # One of theirs, to whom two of ours have 15 to send each.
    popular = make.contact()
    for sender in (first, second):
        conversation = Conversation.objects.create(contact=popular, sender=sender)
        for _ in range(15):
            make.queued(popular, now=now, method=Method.MANUAL, conversation_id=conversation.pk)
    # One of theirs that has had 97 today, none of them in this hour, with 6 to come.
    patient = make.contact()
    for n in range(97):
        make.sent_before(patient, at=now - timedelta(hours=2, minutes=12 * n), sender=earlier, method=Method.MANUAL)
    conversation = Conversation.objects.create(contact=patient, sender=Sender.objects.get(instance="julia"))
    for _ in range(6):
        make.queued(patient, now=now, method=Method.MANUAL, conversation_id=conversation.pk)

    sandbox.set_latency(ms=20)
    start_workers(workers, OUTBOUND_CONCURRENCY="3")
    wait_for(lambda: by_status()["sent"] > 97 + 95 and is_quiet(), seconds=60, what="draining")

    by_instance = _delivered_by_instance(sandbox)
    by_number = Counter(message.number for message in sandbox.delivered())
    assert by_instance["numero-0"] == 20
    assert by_instance["numero-1"] == 5
    assert by_number[popular.phone] == 20
    assert by_number[patient.phone] == 3
    assert len(sandbox.requests()) == 48
    assert by_status()["queued"] == 10 + 5 + 10 + 3
    assert "deadlock" not in logs(tmp_path).lower()


@pytest.mark.parametrize(
    ("before", "window"),
    [
        (20, HOUR),  # the hour is full
        (100, DAY),  # the day is full, and the hour is empty
    ],
)
def test_a_full_window_of_ours_defers_until_the_moment_it_frees(
    before: int,
    window: timedelta,
    sender: Sender,
    sandbox: RunningSandbox,
    make_dispatcher: Callable[..., Dispatcher],
    now: datetime,
) -> None:
    frees_at = now + timedelta(minutes=10)
    for n in range(before):
        make.sent_before(make.contact(), at=frees_at - window + n * timedelta(seconds=30), sender=sender)
    message = make.queued(make.contact(), now=now)
    clock_at = now
    dispatcher = make_dispatcher(clock=lambda: clock_at)

    dispatcher.drain(seconds=5)

    message.refresh_from_db()
    assert (message.status, message.reason, message.due_at) == ("queued", "rate_limited", frees_at)
    (event,) = make.events("outbound_deferred", message_id=str(message.pk))
    assert event.event_props["block_reason"] == "rate_limited"
    assert event.event_props["phone"] == "sender"

    clock_at = frees_at - SECOND
    dispatcher.drain(seconds=5)
    assert sandbox.requests() == []

    clock_at = frees_at
    dispatcher.drain(seconds=5)
    assert [delivered.text for delivered in sandbox.delivered()] == [message.text]


@pytest.mark.parametrize(("before", "window"), [(20, HOUR), (100, DAY)])
def test_a_full_window_of_theirs_defers_only_what_is_for_them(
    before: int,
    window: timedelta,
    sender: Sender,
    sandbox: RunningSandbox,
    make_dispatcher: Callable[..., Dispatcher],
    now: datetime,
) -> None:
    frees_at = now + timedelta(minutes=10)
    full, other = make.contact(), make.contact()
    elsewhere = Sender.objects.create(instance="outro")
    for n in range(before):
        make.sent_before(full, at=frees_at - window + n * timedelta(seconds=30), sender=elsewhere, method=Method.MANUAL)
    waits = _through(sender, full, now=now, method=Method.MANUAL)
    leaves = _through(sender, other, now=now, method=Method.MANUAL)
    clock_at = now
    dispatcher = make_dispatcher(clock=lambda: clock_at)

    dispatcher.drain(seconds=5)

    assert [delivered.text for delivered in sandbox.delivered()] == [leaves.text]
    waits.refresh_from_db()
    assert (waits.status, waits.reason, waits.due_at) == ("queued", "rate_limited", frees_at)

    clock_at = frees_at
    dispatcher.drain(seconds=5)
    assert [delivered.text for delivered in sandbox.delivered()] == [leaves.text, waits.text]


def test_a_reply_counts_and_is_limited_like_everything(
    sender: Sender, sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime
) -> None:
    person = make.contact()
    elsewhere = Sender.objects.create(instance="outro")
    inbound = make.inbound(person, at=now - timedelta(minutes=1), sender=sender)
    for n in range(20):
        make.sent_before(person, at=now - timedelta(minutes=40) - n * SECOND, sender=elsewhere, method=Method.REPLY)
    make.enqueue(make.reply(inbound), now=now)

    dispatcher.drain(seconds=5)

    assert sandbox.requests() == []
    (event,) = make.events("outbound_deferred")
    assert (event.event_props["block_reason"], event.event_props["phone"]) == ("rate_limited", "contact")


def test_what_never_left_does_not_use_up_the_limit(
    sender: Sender, sandbox: RunningSandbox, make_dispatcher: Callable[..., Dispatcher]
) -> None:
    refused = [make.contact(opted_out_at=datetime.now(UTC)) for _ in range(25)]
    for person in refused:
        make.queued(person, now=datetime.now(UTC))
    for _ in range(20):
        make.queued(make.contact(), now=datetime.now(UTC))

    make_dispatcher(concurrency=100).drain(seconds=10)

    assert by_status() == {"blocked": 25, "sent": 20}


def test_a_failure_gives_its_place_back_to_what_waits(
    sender: Sender, sandbox: RunningSandbox, make_dispatcher: Callable[..., Dispatcher], now: datetime
) -> None:
    failing = make.contact()
    sandbox.set_faults([f"status503:number={failing.phone}"])
    # Surely among the first twenty: of those due at the same instant any may be the one that does not fit.
    make.queued(failing, now=now - SECOND)
    for _ in range(20):
        make.queued(make.contact(), now=now)
    clock_at = now
    dispatcher = make_dispatcher(concurrency=100, clock=lambda: clock_at)

    # All 21 are claimed together: one does not fit, as long as nobody knows that the first will fail.
    dispatcher.drain(seconds=10)
    clock_at = datetime.now(UTC) + timedelta(minutes=3)
    dispatcher.drain(seconds=10)

    assert by_status() == {"failed": 1, "sent": 20}
    assert OutboundMessage.objects.filter(status=Status.QUEUED).count() == 0
