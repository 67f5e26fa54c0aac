"""What the metrics find in a window, whenever it is asked about: each violation is counted, and nothing else is."""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canary import events, metrics
from canary.event_types import EventType
from canary.metrics import Reading, Window
from canary.models import HealthSnapshot
from outbound import contacts, heartbeats, inbound
from outbound.methods import Method
from outbound.models import Contact, OutboundMessage, ProviderMessage, Sender
from tests.factories import outbound as make

MINUTE = timedelta(minutes=1)


def read(name: str, window: Window) -> Reading:
    (metric,) = (metric for metric in metrics.registered() if metric.name == name)
    return metric.read(window)


@pytest.fixture
def window(now: datetime) -> Window:
    return Window(since=now - timedelta(hours=1), until=now + timedelta(hours=1))


@pytest.fixture
def sender(db: None) -> Sender:
    return Sender.objects.get(instance="julia")


def sent(to: Contact, *, at: datetime, sender: Sender, **changes: Any) -> OutboundMessage:
    """A message that was let through and left at an instant."""
    message = make.sent_before(to, at=at, sender=sender)
    OutboundMessage.objects.filter(pk=message.pk).update(claimed_at=at, **changes)
    return OutboundMessage.objects.get(pk=message.pk)


def witnessed(to: Contact, *, at: datetime, sender: Sender, **changes: Any) -> ProviderMessage:
    """What the provider's webhook told of a message of ours."""
    return ProviderMessage.objects.create(
        sender=sender, provider_message_id=uuid4().hex, cliente_id=to.pk, sent_at=at, **changes
    )


def opt_out(contact: Contact, *, now: datetime) -> None:
    with transaction.atomic():
        contacts.opt_out(contact_id=contact.pk, actor="ana", reason="pediu", now=now)


def opt_in(contact: Contact, *, now: datetime) -> None:
    with transaction.atomic():
        contacts.opt_in(contact_id=contact.pk, actor="ana", reason="voltou", now=now)


def record(type_: EventType, contact: Contact, *, at: datetime, **props: Any) -> None:
    with transaction.atomic():
        events.emit([events.Event(type=type_, at=at, source="outbound", cliente_id=contact.pk, props=props)])


# --- outbound_to_opted_out ----------------------------------------------------------------------------------------


def test_what_left_after_the_opt_out_is_a_leak_and_what_left_before_is_not(sender, window, now):
    gone = make.contact(opted_out_at=now)

    sent(gone, at=now - MINUTE, sender=sender)
    assert read("outbound_to_opted_out", window).value == 0

    sent(gone, at=now + MINUTE, sender=sender)
    assert read("outbound_to_opted_out", window) == Reading(value=1, is_ok=False, shown="1")


def test_a_leak_stays_a_leak_when_the_contact_comes_back(sender, window, now):
    contact = make.contact()
    opt_out(contact, now=now)
    sent(contact, at=now + MINUTE, sender=sender)

    opt_in(contact, now=now + 2 * MINUTE)
    sent(contact, at=now + 3 * MINUTE, sender=sender)

    assert read("outbound_to_opted_out", window).value == 1


def test_an_opt_out_of_which_only_its_event_tells_is_one(sender, window, now):
    contact = make.contact()
    record(EventType.CONTACT_OPTED_OUT, contact, at=now)
    sent(contact, at=now + MINUTE, sender=sender)
    assert read("outbound_to_opted_out", window).value == 0

    record(EventType.CONTACT_OPTED_IN, contact, at=now + 2 * MINUTE)

    assert read("outbound_to_opted_out", window).value == 1


def test_who_comes_back_after_the_window_had_been_out_in_it(sender, now):
    contact = make.contact()
    opt_out(contact, now=now)
    sent(contact, at=now + MINUTE, sender=sender)
    opt_in(contact, now=now + timedelta(days=40))

    assert read("outbound_to_opted_out", Window(since=now, until=now + 2 * MINUTE)).value == 1
    assert read("outbound_to_opted_out", Window(since=now + 2 * MINUTE, until=now + 3 * MINUTE)).value == 0


def test_a_proved_reply_and_a_bypass_with_a_reason_are_no_leaks(sender, window, now):
    gone = make.contact(opted_out_at=now)
    reply = sent(gone, at=now + MINUTE, sender=sender, method=Method.REPLY, has_inbound_proof=True)
    bypassed = sent(gone, at=now + MINUTE, sender=sender)
    bypass = {"message_id": str(bypassed.pk), "block_reason": "opted_out"}
    record(EventType.OUTBOUND_BYPASS, gone, at=now, **bypass, bypass_reason=" ")
    assert read("outbound_to_opted_out", window).value == 1

    record(EventType.OUTBOUND_BYPASS, gone, at=now, **bypass, bypass_reason="pediu para ser lembrado")
    assert read("outbound_to_opted_out", window).value == 0

    OutboundMessage.objects.filter(pk=reply.pk).update(has_inbound_proof=False)
    assert read("outbound_to_opted_out", window).value == 1


def test_what_only_the_provider_saw_leave_is_a_leak(sender, window, now):
    gone = make.contact(opted_out_at=now)
    witnessed(gone, at=now - MINUTE, sender=sender)
    assert read("outbound_to_opted_out", window).value == 0

    witnessed(gone, at=now + MINUTE, sender=sender)
    assert read("outbound_to_opted_out", window).value == 1


def test_what_the_provider_saw_and_we_know_of_is_counted_once(sender, window, now):
    gone = make.contact(opted_out_at=now)
    witness = witnessed(gone, at=now + MINUTE, sender=sender)

    sent(gone, at=now + MINUTE, sender=sender, provider_message_id=witness.provider_message_id)

    assert read("outbound_to_opted_out", window).value == 1


def test_the_echo_of_a_send_that_is_not_settled_yet_is_no_stranger(sender, window, now):
    gone = make.contact(opted_out_at=now)
    in_doubt = sent(gone, at=now - MINUTE, sender=sender, status="unknown")

    witnessed(gone, at=now + MINUTE, sender=sender, text_digest=inbound.digest(in_doubt.text))
    assert read("outbound_to_opted_out", window).value == 0

    witnessed(gone, at=now + MINUTE, sender=sender, text_digest=inbound.digest("outra"))
    assert read("outbound_to_opted_out", window).value == 1


def test_health_lists_the_messages_that_leaked(sender, now):
    gone = make.contact(opted_out_at=now - 2 * MINUTE)
    leaked = sent(gone, at=now - MINUTE, sender=sender)
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("health", "opted_out", "--json", stdout=out)

    (section,) = json.loads(out.getvalue())["sections"]
    (row,) = section["rows"]
    assert (row["message"], row["cliente_id"], row["method"]) == (str(leaked.pk), str(gone.pk), "campaign")


def test_health_lists_the_messages_that_left_twice(sender, now):
    doctor = make.contact()
    for ago in (20, 10):
        witnessed(doctor, at=now - ago * MINUTE, sender=sender, text_digest=inbound.digest("Oi"))
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("health", "duplicates", "--json", stdout=out)

    (section,) = json.loads(out.getvalue())["sections"]
    assert [(row["cliente_id"], row["witness"]) for row in section["rows"]] == [(str(doctor.pk), "provider_messages")]


# What happens each minute: the contact opts out, or comes back, or gets a message by us, or by a stranger's hand.
STORIES = st.lists(st.sampled_from(["out", "in", "ours", "theirs"]), min_size=1, max_size=12)


@pytest.mark.django_db(transaction=False)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=STORIES)
def test_every_story_has_as_many_leaks_as_messages_between_out_and_in(sender, now, story):
    # Ahead of the database's clock, which stamps the opt-outs, so that the minutes of the story count.
    contact = make.contact()
    leaks, is_out = 0, False
    for minute, act in enumerate(story, start=1):
        at = now + minute * MINUTE
        leaks += is_out and act in {"ours", "theirs"}
        match act:
            case "out" if not is_out:
                Contact.objects.filter(pk=contact.pk).update(opted_out_at=at)
                is_out = True
            case "in":
                opt_in(contact, now=at)
                is_out = False
            case "ours":
                sent(contact, at=at, sender=sender)
            case "theirs":
                witnessed(contact, at=at, sender=sender)

    found = read("outbound_to_opted_out", Window(since=now, until=now + 20 * MINUTE)).value

    assert found == leaks
    OutboundMessage.objects.all().delete()
    ProviderMessage.objects.all().delete()
    Contact.objects.all().delete()


# --- shares -------------------------------------------------------------------------------------------------------


def test_the_error_rate_says_of_how_many_it_is_one(db, window, now):
    doctor = make.contact()
    for _ in range(99):
        record(EventType.OUTBOUND_SENT, doctor, at=now)
    assert read("provider_error_rate", window) == Reading(value=0.0, is_ok=True, shown="0.00% (0/99)", part=0, whole=99)

    record(EventType.OUTBOUND_BLOCKED, doctor, at=now, block_reason="timeout")

    # 1 of 100 is not below 1 %.
    assert read("provider_error_rate", window) == Reading(
        value=0.01, is_ok=False, shown="1.00% (1/100)", part=1, whole=100
    )


@pytest.mark.parametrize("reason", [{}, {"bypass_reason": ""}, {"bypass_reason": "  "}])
def test_one_bypass_without_a_reason_is_one_too_many(db, window, now, reason):
    doctor = make.contact()
    record(EventType.OUTBOUND_BYPASS, doctor, at=now, bypass_reason="pediu")
    assert read("bypass_without_reason", window).is_ok

    record(EventType.OUTBOUND_BYPASS, doctor, at=now, **reason)

    found = read("bypass_without_reason", window)
    assert (found.is_ok, found.value, found.part, found.whole) == (False, 0.5, 1, 2)


def test_a_window_includes_its_beginning_and_not_its_end(db, now):
    record(EventType.OUTBOUND_FALLBACK, make.contact(), at=now)

    assert read("outbound_fallback", Window(since=now, until=now + MINUTE)).value == 1
    assert read("outbound_fallback", Window(since=now - MINUTE, until=now)).value == 0


# --- states -------------------------------------------------------------------------------------------------------


def snapshot(*, at: datetime, **readings: dict[str, Any]) -> None:
    HealthSnapshot.objects.create(taken_at=at, since=at - 5 * MINUTE, readings=readings)


def test_how_the_queue_stood_in_the_past_is_what_the_last_snapshot_says(db, now):
    make.queued(make.contact(), now=now - timedelta(hours=3))
    yesterday = now - timedelta(days=1)
    past = Window(since=yesterday - timedelta(hours=1), until=yesterday)
    snapshot(at=yesterday - 20 * MINUTE, queue_age={"value": 900.0, "is_ok": False, "shown": "900 s"})
    snapshot(at=yesterday, queue_age={"value": 4.0, "is_ok": True, "shown": "4 s"})
    snapshot(at=now - 5 * MINUTE, queue_age={"value": 1.0, "is_ok": True, "shown": "1 s"})

    assert read("queue_age", past) == Reading(value=4.0, is_ok=True, shown="4 s")
    assert read("queue_age", Window(since=past.since, until=now)).value == pytest.approx(3 * 3600, abs=1)


@pytest.mark.parametrize("name", ["queue_age", "worker_heartbeat", "unknown_outcomes"])
def test_what_nobody_recorded_is_not_ok(db, now, name):
    heartbeats.beat(name=heartbeats.WORKER, now=now)
    past = Window(since=now - timedelta(hours=2), until=now - timedelta(hours=1))
    snapshot(at=now)

    found = read(name, past)

    assert (found.value, found.is_ok, found.shown) == (math.inf, False, "sem registro")
    assert read(name, Window(since=now - timedelta(hours=1), until=now)).is_ok
