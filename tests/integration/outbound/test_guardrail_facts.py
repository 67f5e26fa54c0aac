"""The guardrails over the real database: each rule sees its facts, and the answers are those of the pure rules."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model

from outbound.guardrails import OutboundRequest, check_outbound_guardrails
from outbound.guardrails.facts import UnknownContactError
from outbound.methods import ActorType, Channel, Method
from outbound.models import Contact, Sender
from tests.factories import outbound as make


def decide(now, **request):
    (decision,) = check_outbound_guardrails([OutboundRequest(**{"method": Method.CAMPAIGN, **request})], now=now)
    return decision


def test_an_ordinary_contact_may_be_written_to(outbox_ready, now):
    assert decide(now, cliente_id=make.contact().pk).is_allowed


def test_unknown_contacts_are_an_error(outbox_ready, now):
    with pytest.raises(UnknownContactError):
        decide(now, cliente_id=uuid4())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"opted_out_at": timedelta()}, "opted_out"),
        ({"cooling_off_until": timedelta(days=1)}, "cooling_off"),
        ({"next_allowed_at": timedelta(days=1)}, "next_allowed_at"),
    ],
)
def test_what_stands_at_the_contact_counts(outbox_ready, now, changes, reason):
    doctor = make.contact()
    assert decide(now, cliente_id=doctor.pk).is_allowed

    Contact.objects.filter(pk=doctor.pk).update(**{name: now + after for name, after in changes.items()})

    assert decide(now, cliente_id=doctor.pk).reason == reason


def test_a_reply_needs_an_inbound_message_of_ours_from_him_here_and_now(outbox_ready, now):
    doctor, other = make.contact(), make.contact()
    proof = make.inbound(doctor, at=now - timedelta(minutes=29))
    reply = {"cliente_id": doctor.pk, "method": Method.REPLY, "conversation_id": proof.conversation_id}
    assert decide(now, **reply, inbound_interaction_id=proof.pk).is_allowed

    theirs = make.inbound(other, at=now)
    old = make.inbound(doctor, at=now - timedelta(minutes=31))
    assert decide(now, **reply, inbound_interaction_id=theirs.pk).reason == "invalid_reply"
    assert decide(now, **reply, inbound_interaction_id=old.pk).reason == "invalid_reply"
    assert decide(now, **reply, inbound_interaction_id=uuid4()).reason == "invalid_reply"
    assert decide(now, **reply).reason == "invalid_reply"
    elsewhere = {**reply, "conversation_id": theirs.conversation_id}
    assert decide(now, **elsewhere, inbound_interaction_id=proof.pk).reason == "invalid_reply"


def test_only_a_known_operator_bypasses(outbox_ready, now):
    doctor = make.contact(opted_out_at=now)
    request = {
        "cliente_id": doctor.pk,
        "method": Method.MANUAL,
        "channel": Channel.SLACK,
        "actor_type": ActorType.HUMAN,
        "actor_id": "ana",
        "bypass_reason": "pediu o contrato",
    }
    user = get_user_model().objects.create_user("ana", is_staff=True)
    assert decide(now, **request).bypassed == ("opted_out",)

    user.is_active = False
    user.save()

    assert decide(now, **request).reason == "opted_out"


def test_twenty_messages_in_an_hour_fill_a_contact_until_the_first_is_an_hour_old(outbox_ready, now, sender):
    doctor = make.contact()
    other_senders = [Sender.objects.create(instance=f"other-{number}") for number in range(19)]
    for number, each in enumerate(other_senders):
        make.sent_before(doctor, at=now - timedelta(minutes=59 - number), sender=each, method=Method.MANUAL)
    assert decide(now, cliente_id=doctor.pk, method=Method.MANUAL).is_allowed

    make.sent_before(doctor, at=now, sender=other_senders[0], method=Method.MANUAL)

    decision = decide(now, cliente_id=doctor.pk, method=Method.MANUAL)
    assert decision.reason == "rate_limited"
    assert decision.until == now + timedelta(minutes=1)
    assert decide(now + timedelta(minutes=1), cliente_id=doctor.pk, method=Method.MANUAL).is_allowed


def test_a_hundred_in_a_day_fill_our_number(outbox_ready, now, sender):
    for number in range(100):
        make.sent_before(make.contact(), at=now - timedelta(hours=20, minutes=-number), sender=sender)

    decision = decide(now, cliente_id=make.contact().pk)

    assert decision.reason == "rate_limited"
    assert decision.details["phone"] == "sender"
    assert decision.until == now + timedelta(hours=4)


def test_the_sixth_proactive_message_in_seven_days_waits_and_a_manual_one_does_not(outbox_ready, now, sender):
    doctor = make.contact()
    for days in range(2, 7):
        make.sent_before(doctor, at=now - timedelta(days=days), sender=sender)

    campaign, manual = decide(now, cliente_id=doctor.pk), decide(now, cliente_id=doctor.pk, method=Method.MANUAL)

    assert (campaign.reason, campaign.until) == ("contact_cap", now + timedelta(days=1))
    assert manual.is_allowed


def test_a_stopped_or_tripped_sender_sends_nothing(outbox_ready, now, sender):
    doctor = make.contact()
    assert decide(now, cliente_id=doctor.pk).is_allowed

    Sender.objects.update(circuit_failures=5, circuit_trips=1, circuit_open_until=now + timedelta(seconds=60))
    assert decide(now, cliente_id=doctor.pk).until == now + timedelta(seconds=60)
    Sender.objects.update(stopped_reason="HTTP 401")
    assert decide(now, cliente_id=doctor.pk).reason == "sender_stopped"


def test_missing_switches_count_as_off(outbox_ready, now):
    from canary.models import FeatureFlag

    doctor = make.contact()
    FeatureFlag.objects.all().delete()

    assert decide(now, cliente_id=doctor.pk, method=Method.MANUAL).reason == "julia_paused"
