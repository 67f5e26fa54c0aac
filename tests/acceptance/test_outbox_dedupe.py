"""Fase C, Gap C1: "Dedupe via Outbox: sem idempotency key do Evolution, timeout + retry = duplicata".

The document's key holds the clock hour; here the window slides, so that 10:59 and 11:00 are one window, and a message
that failed or was blocked may be tried again at once (DESIGN.md, Outbox).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from canary import events
from outbound import contacts, outbox, sweep
from outbound.contacts import Person
from outbound.dispatcher import Dispatcher
from outbound.evolution.sandbox import RunningSandbox
from outbound.methods import Method
from outbound.models import Contact, OutboundMessage, Sender
from outbound.outbox import Deduped, InvalidMessageError, NewMessage, Queued
from tests.acceptance.observing import by_status
from tests.factories import outbound as make

THREADS = 20
ELEVEN = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)


def _at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make the calls at the same moment, each over a database connection of its own; answer results and exceptions."""
    gate = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            gate.wait(timeout=30)
            answers[index] = call()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            answers[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index, call)) for index, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _enqueue_all(messages: Sequence[NewMessage], *, now: datetime) -> list[Queued | Deduped]:
    with transaction.atomic():
        return outbox.enqueue_many(messages, now=now)


def test_twenty_at_once_become_one_message_and_nineteen_recorded_duplicates(outbox_ready: None, now: datetime) -> None:
    person = make.contact()

    def call() -> Queued | Deduped:
        return make.enqueue(make.message(person, template_ref="plantao-sabado"), now=now)

    answers = _at_once([call] * THREADS)

    (queued,) = [answer for answer in answers if isinstance(answer, Queued)]
    deduped = [answer for answer in answers if isinstance(answer, Deduped)]
    assert len(deduped) == THREADS - 1
    assert {answer.of for answer in deduped} == {queued.id}
    assert OutboundMessage.objects.get().pk == queued.id
    recorded = make.events("outbound_deduped")
    assert len(recorded) == THREADS - 1
    assert {event.event_props["repeats"] for event in recorded} == {str(queued.id)}
    assert {event.cliente_id for event in recorded} == {person.pk}


def test_batches_that_repeat_each_other_in_another_order_do_not_lock_each_other_out(
    outbox_ready: None, now: datetime
) -> None:
    people = [make.contact() for _ in range(150)]

    def call(order: Sequence[Contact]) -> Callable[[], Any]:
        batch = [make.message(person, template_ref="plantao-sabado") for person in order]
        return lambda: _enqueue_all(batch, now=now)

    orders = [people, people[::-1], people[75:] + people[:75], people[::2] + people[1::2]]
    answers = _at_once([call(order) for order in orders])

    assert [type(answer) for answer in answers] == [list] * len(orders), answers
    assert OutboundMessage.objects.count() == len(people)


def test_the_same_new_people_in_another_order_do_not_lock_each_other_out(outbox_ready: None) -> None:
    people = [Person(phone=f"55119{61000000 + n}") for n in range(3000)]

    def call(order: Sequence[Person]) -> Callable[[], int]:
        def find_or_create() -> int:
            with transaction.atomic():
                return len(contacts.find_or_create(order))

        return find_or_create

    answers = _at_once([call(order) for order in (people, people[::-1], people[1500:] + people[:1500])])

    assert answers == [len(people)] * 3
    assert Contact.objects.count() == len(people)


def test_the_provider_gets_one_of_twenty(
    outbox_ready: None, sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime
) -> None:
    person = make.contact()

    def call() -> Queued | Deduped:
        return make.enqueue(make.message(person, text="Olá, doutora!"), now=now)

    _at_once([call] * THREADS)
    dispatcher.drain(seconds=10)

    assert [message.text for message in sandbox.delivered()] == ["Olá, doutora!"]
    assert len(sandbox.requests()) == 1


def test_a_repeat_across_the_clock_hour_is_refused(outbox_ready: None) -> None:
    person = make.contact()
    first = make.enqueue(make.message(person, template_ref="v1"), now=ELEVEN - timedelta(minutes=1))

    again = make.enqueue(make.message(person, template_ref="v1"), now=ELEVEN)

    assert isinstance(first, Queued)
    assert again == Deduped(of=first.id)


WINDOWS_MIN = [
    (Method.REPLY, 5),
    (Method.BUTTON, 5),
    (Method.COMMAND, 5),
    (Method.MANUAL, 10),
    (Method.CAMPAIGN, 60),
    (Method.FOLLOWUP, 60),
    (Method.HANDOFF, 60),
    (Method.REACTIVATION, 120),
]


@pytest.mark.parametrize(("method", "minutes"), WINDOWS_MIN)
def test_the_window_of_each_method_is_half_open(method: Method, minutes: int, outbox_ready: None) -> None:
    assert {method for method, _ in WINDOWS_MIN} == set(Method)
    person = make.contact()
    window = timedelta(minutes=minutes)

    def repeat(*, after: timedelta) -> Queued | Deduped:
        return make.enqueue(make.message(person, method=method, text="Oi"), now=ELEVEN + after)

    first = repeat(after=timedelta())
    just_inside = repeat(after=window - timedelta(microseconds=1))
    at_its_end = repeat(after=window)

    assert isinstance(first, Queued)
    assert just_inside == Deduped(of=first.id)
    assert isinstance(at_its_end, Queued)


def test_another_contact_method_template_or_text_is_another_message(outbox_ready: None, now: datetime) -> None:
    person = make.contact()
    original = {"method": Method.CAMPAIGN, "template_ref": "v1", "text": "Oi"}
    assert isinstance(make.enqueue(make.message(person, **original), now=now), Queued)

    others = [
        make.message(make.contact(), **original),
        make.message(person, **{**original, "method": Method.FOLLOWUP}),
        make.message(person, **{**original, "template_ref": "v2"}),
        make.message(person, **{**original, "template_ref": None}),
        make.message(person, **{**original, "template_ref": None, "text": "Oi!"}),
    ]

    assert [type(make.enqueue(other, now=now)) for other in others] == [Queued] * len(others)
    # The same template is the same message, whatever became of its words.
    assert isinstance(make.enqueue(make.message(person, **{**original, "text": "Olá"}), now=now), Deduped)


def test_two_replies_to_one_inbound_are_one_whatever_they_say(outbox_ready: None, now: datetime) -> None:
    person = make.contact()
    first, second = (make.inbound(person, at=now - timedelta(minutes=minutes)) for minutes in (2, 1))

    answers = [
        make.enqueue(make.reply(first, text="Sim"), now=now),
        make.enqueue(make.reply(first, text="Sim, doutora"), now=now),
        make.enqueue(make.reply(second, text="Sim"), now=now),
    ]

    assert [isinstance(answer, Queued) for answer in answers] == [True, False, True]


def test_a_blocked_message_does_not_count(sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime) -> None:
    person = make.contact(opted_out_at=now)
    make.queued(person, now=now, template_ref="v1")
    assert isinstance(make.enqueue(make.message(person, template_ref="v1"), now=now), Deduped)

    dispatcher.drain(seconds=10)
    assert by_status() == {"blocked": 1}

    assert isinstance(make.enqueue(make.message(person, template_ref="v1"), now=now), Queued)


def test_a_failed_message_does_not_count(sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime) -> None:
    person = make.contact()
    sandbox.set_faults(["status503:first=3"])
    make.queued(person, now=now, template_ref="v1")
    assert isinstance(make.enqueue(make.message(person, template_ref="v1"), now=now), Deduped)

    dispatcher.drain(seconds=10)
    assert by_status() == {"failed": 1}

    assert isinstance(make.enqueue(make.message(person, template_ref="v1"), now=now), Queued)
    dispatcher.drain(seconds=10)
    assert by_status() == {"failed": 1, "sent": 1}


def test_an_expired_message_does_not_count(outbox_ready: None, now: datetime) -> None:
    person = make.contact()
    make.queued(person, now=now, template_ref="v1", expires_at=now + timedelta(minutes=1))
    later = now + timedelta(minutes=2)
    assert isinstance(make.enqueue(make.message(person, template_ref="v1"), now=later), Deduped)

    assert sweep.sweep(now=later) == 1

    assert isinstance(make.enqueue(make.message(person, template_ref="v1"), now=later), Queued)


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        ([], "sent"),
        (["reset_after", "no_list"], "unknown"),  # it may have left: a repeat might be the second
    ],
)
def test_what_left_or_may_have_left_counts(
    faults: list[str], status: str, sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime
) -> None:
    person = make.contact()
    sandbox.set_faults(faults)
    first = make.queued(person, now=now, template_ref="v1")
    dispatcher.drain(seconds=10)
    assert by_status() == {status: 1}

    again = make.enqueue(make.message(person, template_ref="v1"), now=now + timedelta(minutes=1))

    assert again == Deduped(of=first.pk)
    assert len(sandbox.delivered()) == 1


def test_a_duplicate_inside_one_batch_is_told_which_it_repeats(outbox_ready: None, now: datetime) -> None:
    person = make.contact()
    batch = [make.message(person, template_ref=template) for template in ("a", "b", "a")]

    answers = _enqueue_all(batch, now=now)

    assert answers == [Queued(id=batch[0].id), Queued(id=batch[1].id), Deduped(of=batch[0].id)]


def test_one_message_that_cannot_be_enqueued_leaves_the_whole_batch_unwritten(
    outbox_ready: None, now: datetime
) -> None:
    person = make.contact()
    good = make.message(person)

    for bad, field in (
        (make.message(uuid4()), "cliente_id"),  # nobody has this id
        (make.message(UUID(int=0)), "cliente_id"),
        (make.message(person, text=" \n"), "text"),
        (make.message(person, text="x" * 100_000), "text"),
        (make.message(person, bypass_reason=" "), "bypass_reason"),
        (make.message(person, actor_id="ana@example.org"), "actor_id"),
        (make.message(person, template_ref="11 98765-4321"), "template_ref"),
    ):
        with pytest.raises(InvalidMessageError) as raised:
            _enqueue_all([good, bad], now=now)
        assert raised.value.field == field
        assert not OutboundMessage.objects.exists()
    assert make.events("outbound_deduped") == []
    assert isinstance(_enqueue_all([good], now=now)[0], Queued)


def test_enqueuing_outside_a_transaction_is_refused(outbox_ready: None, now: datetime) -> None:
    with pytest.raises(events.OutsideTransactionError):
        outbox.enqueue(make.message(make.contact()), now=now)

    assert not OutboundMessage.objects.exists()


def test_the_database_itself_refuses_a_second_live_message(outbox_ready: None, sender: Sender, now: datetime) -> None:
    row = make.queued(make.contact(), now=now)

    columns = OutboundMessage.objects.filter(pk=row.pk).values().get()
    again = {name: value for name, value in columns.items() if name != "id"}

    with pytest.raises(Exception, match="outbound_messages_refuse_live_duplicates"), transaction.atomic():
        OutboundMessage.objects.create(**again)
    OutboundMessage.objects.create(**{**again, "status": "failed"})
