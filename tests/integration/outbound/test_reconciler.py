"""The reconciler over real rows and the provider's list over HTTP: found is sent, proved absent goes out again, and
what nobody can prove waits for a person.
"""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from outbound import claims, reconciler
from outbound.models import OutboundMessage, Sender
from tests.factories import outbound as make


@pytest.fixture
def provider(settings, sandbox, outbox_ready):
    settings.EVOLUTION_API_URL = sandbox.url
    return sandbox


def abandoned(now, **changes) -> OutboundMessage:
    """A message whose worker claimed it and never came back."""
    message = make.queued(make.contact(), now=now, **changes)
    claim = claims.take(most=10, now=now)
    assert [claimed.id for claimed in claim.messages] == [message.pk]
    return message


def send_behind_our_back(provider, message) -> None:
    """What a worker did before it died: the request, and nothing after it."""
    import httpx

    answer = httpx.post(
        f"{provider.url}/message/sendText/julia",
        headers={"apikey": provider.config.api_key},
        json={"number": message.contact.phone, "text": message.text},
    )
    assert answer.status_code == 201


def after(message, *, seconds: float):
    return OutboundMessage.objects.get(pk=message.pk).created_at + timedelta(seconds=seconds)


def state(message) -> tuple[str, str | None]:
    message.refresh_from_db()
    return message.status, message.reason


def test_a_lease_that_holds_is_left_alone(provider, now):
    message = abandoned(now)

    reconciler.reconcile(now=after(message, seconds=59))

    assert state(message) == ("sending", None)


def test_what_left_before_its_worker_died_is_sent_and_not_again(provider, now):
    message = abandoned(now)
    send_behind_our_back(provider, message)

    reconciled = reconciler.reconcile(now=after(message, seconds=61))

    assert (reconciled.parked, reconciled.found) == (1, 1)
    assert state(message) == ("sent", None)
    assert message.provider_message_id == provider.delivered()[0].id
    (event,) = make.events("outbound_sent", message_id=str(message.pk))
    assert event.event_props["proved_by"] == "provider"


def test_what_did_not_leave_is_proved_absent_and_goes_out_once(provider, dispatcher, now):
    message = abandoned(now)

    reconciler.reconcile(now=after(message, seconds=66))
    assert state(message) == ("unknown", "lease_expired")
    reconciler.reconcile(now=after(message, seconds=75))
    assert state(message) == ("unknown", "lease_expired"), "nine seconds prove nothing"
    reconciler.reconcile(now=after(message, seconds=76))
    assert state(message) == ("queued", "proved_absent")

    OutboundMessage.objects.update(due_at=now)
    dispatcher.drain(seconds=5)

    assert state(message) == ("sent", None)
    assert len(provider.delivered()) == 1


def test_a_list_that_lags_is_waited_for(provider, now):
    provider.set_lag(ms=300)
    message = abandoned(now)
    send_behind_our_back(provider, message)
    reconciler.reconcile(now=after(message, seconds=66))

    from tests.waiting import wait_for

    wait_for(lambda: reconciler.reconcile(now=after(message, seconds=70)).found, what="the list catching up")

    assert state(message) == ("sent", None)


@pytest.mark.parametrize("trouble", ["no_list", "closed"])
def test_without_an_answer_from_a_connected_provider_nothing_is_proved(provider, now, trouble):
    message = abandoned(now)
    if trouble == "closed":
        provider.set_connection(state="close")
    else:
        provider.set_faults(["no_list"])

    for seconds in (66, 76, 86, 600):
        reconciler.reconcile(now=after(message, seconds=seconds))

    assert state(message) == ("unknown", "lease_expired")
    assert provider.delivered() == []


def test_after_a_quarter_of_an_hour_a_person_is_called_once(provider, now):
    provider.set_faults(["no_list"])
    message = abandoned(now)

    for minutes in (5, 16, 17):
        reconciler.reconcile(now=after(message, seconds=60 * minutes))

    (event,) = make.events("incident_opened", message_id=str(message.pk))
    assert (event.event_props["kind"], event.event_props["subject"]) == ("unknown_outcome", "julia")
    assert state(message)[0] == "unknown"


def test_many_in_doubt_are_one_incident_of_their_sender_with_a_line_for_each(provider, now):
    from canary.models import Incident

    provider.set_faults(["no_list"])
    messages = [abandoned(now), abandoned(now)]

    reconciler.reconcile(now=after(messages[0], seconds=60 * 16))

    lines = Incident.objects.get().timeline.exclude(what="told")
    assert [line.what for line in lines] == ["opened", "grew"]
    assert {line.details["message_id"] for line in lines} == {str(message.pk) for message in messages}


def test_the_webhooks_witness_is_evidence_enough(provider, now):
    from outbound import inbound
    from outbound.evolution.webhooks import Echo

    provider.set_faults(["no_list"])
    message = abandoned(now)
    inbound.take_in(
        Echo(
            instance="julia",
            provider_message_id="3EB0AA",
            phone=message.contact.phone,
            text=message.text,
            sent_at=now + timedelta(seconds=1),
        ),
        now=now,
    )

    reconciler.reconcile(now=after(message, seconds=61))

    assert state(message) == ("sent", None)
    assert message.provider_message_id == "3EB0AA"


def test_one_record_proves_one_message(provider, now):
    doctor = make.contact()
    first = make.queued(doctor, now=now, text="Oi", method="manual")
    second = make.queued(doctor, now=now, text="Oi", method="command")
    claims.take(most=10, now=now)
    send_behind_our_back(provider, first)

    reconciler.reconcile(now=after(first, seconds=61))

    assert sorted([state(first)[0], state(second)[0]]) == ["sent", "unknown"]


def test_a_worker_that_comes_back_late_changes_nothing(provider, now):
    from outbound import settlement
    from outbound.evolution.outcomes import Sent
    from outbound.settlement import Settlement

    message = make.queued(make.contact(), now=now)
    claim = claims.take(most=1, now=now)
    reconciler.reconcile(now=after(message, seconds=61))

    late = Settlement(
        message=claim.messages[0], outcome=Sent(provider_message_id="3EB0BB"), attempts=1, attempted_at=now
    )
    settlement.settle([late], now=after(message, seconds=62))

    assert state(message) == ("unknown", "lease_expired")
    assert claims.recheck(claim_id=claim.id, ids=[message.pk], now=now) == []


@pytest.mark.parametrize(
    ("word", "status", "reason"), [("sent", "sent", None), ("requeue", "queued", "requeued_by_person")]
)
def test_a_person_decides_with_name_and_reason(provider, now, word, status, reason):
    message = abandoned(now)
    reconciler.park_expired(now=after(message, seconds=61))

    call_command("unknown", word, str(message.pk), "--actor", "ana", "--reason", "visto no aparelho", stdout=StringIO())

    assert state(message) == (status, reason)
    (event,) = make.events("outbound_sent" if word == "sent" else "outbound_deferred", resolved_by="ana")
    assert event.event_props["resolution"] == "visto no aparelho"
    with pytest.raises(CommandError, match="resolvida"):
        call_command("unknown", word, str(message.pk), "--reason", "de novo", stdout=StringIO())


def test_a_person_needs_a_reason(provider, now):
    message = abandoned(now)
    reconciler.park_expired(now=after(message, seconds=61))

    with pytest.raises(CommandError, match="--reason"):
        call_command("unknown", "requeue", str(message.pk), stdout=StringIO())

    assert state(message)[0] == "unknown"


def test_doubt_weighs_on_the_limits_until_it_is_settled(provider, now, settings):
    from outbound.guardrails.limits import parse_limits

    settings.OUTBOUND_RATE_LIMITS = parse_limits("1/hour")
    message = abandoned(now)
    reconciler.reconcile(now=after(message, seconds=66))
    make.queued(make.contact(), now=now)
    assert claims.take(most=1, now=after(message, seconds=67)).messages == []
    assert Sender.objects.get().resume_at

    reconciler.reconcile(now=after(message, seconds=77))

    assert state(message) == ("queued", "proved_absent")
    assert len(claims.take(most=2, now=after(message, seconds=78)).messages) == 1, "its place is free again"
