"""One message's whole story, complete and in order, and nothing of the person in it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from canary import flags
from canary.flag_values import FlagKey
from julia.access import Level
from outbound import inbound, reconciler, resolution, story
from outbound.evolution.webhooks import DeliveryStatus, Echo, Update
from outbound.models import OutboundMessage
from tests.factories import outbound as make
from tests.factories import people


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")


def told(message, *, now=None):
    return story.tell([message.pk], now=now or timezone.now())[message.pk]


def whats(message, **more) -> list[str]:
    return [str(moment.what) for moment in told(message, **more).moments]


def shown(*messages) -> str:
    out = StringIO()
    call_command("story", *(str(message.pk) for message in messages), stdout=out)
    return out.getvalue()


def turn(key, now, **fields) -> None:
    with transaction.atomic():
        flags.switch(key=key, fields=fields, actor="bia", reason="teste do plantão", now=now)


def notices(message, *, now) -> None:
    """What the provider's webhooks tell of a message, the answer to it included."""
    message.refresh_from_db()
    id_, phone = message.provider_message_id, message.contact.phone
    left = Echo(instance="julia", provider_message_id=id_, phone=phone, text=message.text, sent_at=message.sent_at)
    inbound.take_in(left, now=now)
    told_after = {DeliveryStatus.SERVER_ACK: 1, DeliveryStatus.DELIVERY_ACK: 2, DeliveryStatus.READ: 60}
    for status, seconds in told_after.items():
        update = Update(instance="julia", provider_message_id=id_, status=status)
        inbound.take_in(update, now=now + timedelta(seconds=seconds))


def test_a_reply_is_told_from_what_it_answers_to_what_came_back(dispatcher, now):
    doctor = make.contact()
    heard = make.inbound(doctor, at=now - timedelta(minutes=1))
    message = make.queued(doctor, now=now, **_of_reply(heard))
    dispatcher.drain(seconds=5)
    after = timezone.now()
    notices(message, now=after)
    make.inbound(doctor, at=after + timedelta(minutes=5))

    moments = told(message, now=after + timedelta(hours=1)).moments

    assert [str(moment.what) for moment in moments] == [
        "heard", "queued", "passed", "requested", "sent", "told", "told", "told", "told", "answered",
    ]  # fmt: skip
    assert [moment.at for moment in moments] == sorted(moment.at for moment in moments)
    assert [moment.facts["status"] for moment in moments if moment.what == "told"] == [
        "LEFT", "SERVER_ACK", "DELIVERY_ACK", "READ",
    ]  # fmt: skip


def _of_reply(heard) -> dict[str, Any]:
    return {"method": "reply", "conversation_id": heard.conversation_id, "inbound_interaction_id": heard.pk}


def test_an_answer_belongs_to_the_last_message_that_had_left(dispatcher, now):
    doctor = make.contact()
    first, second = make.queued(doctor, now=now), make.queued(doctor, now=now)
    dispatcher.drain(seconds=5)
    OutboundMessage.objects.filter(pk=second.pk).update(
        sent_at=now + timedelta(minutes=1), attempted_at=now + timedelta(minutes=1)
    )
    make.inbound(doctor, at=now + timedelta(minutes=2))

    assert "answered" not in whats(first)
    assert whats(second)[-1] == "answered"


def test_a_refused_one_tells_why(dispatcher, now):
    message = make.queued(make.contact(cooling_off_until=now + timedelta(days=1)), now=now)
    dispatcher.drain(seconds=5)

    assert whats(message) == ["queued", "blocked"]
    assert "em descanso" in shown(message)


def test_a_held_one_tells_who_released_it_and_why(dispatcher, now):
    turn(FlagKey.CAMPAIGNS, now, enabled=False)
    message = make.queued(make.contact(), now=now)
    dispatcher.drain(seconds=5)
    assert whats(message) == ["queued", "held"]

    turn(FlagKey.JULIA, timezone.now(), enabled=True)  # another switch releases nothing of it
    turn(FlagKey.CAMPAIGNS, timezone.now(), enabled=True)
    dispatcher.drain(seconds=5)

    assert whats(message) == ["queued", "held", "released", "passed", "requested", "sent"]
    said = shown(message)
    assert "campanhas desligadas" in said
    assert "bia: teste do plantão" in said


def test_one_outside_the_canary_is_released_by_the_growth_that_reaches_it(dispatcher, now):
    turn(FlagKey.OUTBOUND_CANARY, now, pct=0)
    contact = make.contact()
    message = make.queued(contact, now=now)
    dispatcher.drain(seconds=5)
    for pct in (contact.bucket, 100):  # the first does not reach it yet
        turn(FlagKey.OUTBOUND_CANARY, timezone.now(), pct=pct)
    dispatcher.drain(seconds=5)

    moments = told(message).moments

    assert [str(moment.what) for moment in moments] == ["queued", "held", "released", "passed", "requested", "sent"]
    last = flags.last_change(FlagKey.OUTBOUND_CANARY)
    assert last
    assert moments[2].at == last.changed_at


def test_a_deferred_one_tells_until_when_in_sao_paulo(dispatcher, now):
    until = (now + timedelta(days=2)).replace(hour=15, minute=30, second=0, microsecond=0)
    message = make.queued(make.contact(next_allowed_at=until), now=now)
    dispatcher.drain(seconds=5)

    assert whats(message) == ["queued", "deferred"]
    assert f"{until:%d/%m/%Y} 12:30:00" in " ".join(shown(message).split())


def test_one_in_doubt_is_told_until_the_reconciler_has_proof(settings, sandbox, dispatcher, now):
    settings.EVOLUTION_API_URL = sandbox.url
    sandbox.set_faults(["status500_after:first=1", "no_list"])
    message = make.queued(make.contact(), now=now)
    dispatcher.drain(seconds=5)
    reconciler.reconcile(now=timezone.now() + timedelta(minutes=16))
    assert whats(message, now=now + timedelta(hours=1)) == ["queued", "passed", "doubted", "in_incident"]

    sandbox.set_faults([])
    reconciler.reconcile(now=timezone.now() + timedelta(minutes=17))

    assert whats(message, now=now + timedelta(hours=1)) == [
        "queued", "passed", "requested", "doubted", "in_incident", "proved",
    ]  # fmt: skip


def test_one_whose_worker_died_tells_so(dispatcher, now):
    from outbound import claims

    message = make.queued(make.contact(), now=now)
    claims.take(most=1, now=now)
    reconciler.park_expired(now=now + timedelta(seconds=61))

    (doubted,) = [moment for moment in told(message, now=now + timedelta(hours=1)).moments if moment.what == "doubted"]
    assert doubted.facts["reason"] == "lease_expired"

    resolution.resolve(
        message_id=message.pk,
        word=resolution.Word.REQUEUE,
        actor="bia",
        reason="não chegou",
        now=now + timedelta(minutes=2),
    )
    assert whats(message, now=now + timedelta(hours=1)) == ["queued", "doubted", "queued_again"]
    assert "bia: não chegou" in shown(message)


def test_a_repeat_is_told_in_the_story_of_what_it_repeats(dispatcher, now):
    doctor = make.contact()
    message = make.queued(doctor, now=now)
    make.enqueue(make.message(doctor, text=message.text), now=timezone.now())

    assert whats(message) == ["queued", "repeated"]


def test_a_cancelled_one_names_who_and_why(outbox_ready, now):
    message = make.queued(make.contact(), now=now)
    resolution.cancel(ids=[message.pk], actor="bia", reason="texto errado", now=timezone.now())

    assert whats(message) == ["queued", "cancelled"]
    assert "bia: texto errado" in shown(message)


def test_many_are_told_in_as_many_queries_as_one(dispatcher, now):
    messages = [make.queued(make.contact(), now=now) for _ in range(20)]
    dispatcher.drain(seconds=5)

    with CaptureQueriesContext(connection) as one:
        story.tell([messages[0].pk], now=timezone.now())
    with CaptureQueriesContext(connection) as many:
        stories = story.tell([message.pk for message in messages], now=timezone.now())

    assert len(many) == len(one)
    assert {id_: [str(m.what) for m in one_story.moments] for id_, one_story in stories.items()} == {
        message.pk: ["queued", "passed", "requested", "sent"] for message in messages
    }


def test_nothing_of_the_person_is_told(dispatcher, now):
    doctor = make.contact(phone="5511987654321", name="Ana Souza")
    message = make.queued(doctor, now=now, text="Plantão às 19h no São Luiz")
    dispatcher.drain(seconds=5)
    json_out = StringIO()
    call_command("story", str(message.pk), "--json", stdout=json_out)

    for said in (shown(message), json_out.getvalue()):
        assert "55119" in said
        assert not any(word in said for word in ("987654321", "Ana", "São Luiz", "19h"))
    assert [moment["what"] for moment in json.loads(json_out.getvalue())["moments"]] == whats(message)


def test_an_id_that_is_no_messages_is_named(outbox_ready, now):
    message = make.queued(make.contact(), now=now)
    out = StringIO()

    with pytest.raises(CommandError, match="00000000-0000-4000-8000-000000000000"):
        call_command("story", str(message.pk), "00000000-0000-4000-8000-000000000000", stdout=out)

    assert str(message.pk) in out.getvalue()


def test_the_admin_shows_it_as_a_timeline_to_who_may_see(dispatcher, now):
    message = make.queued(make.contact(phone="5511987654321"), now=now)
    dispatcher.drain(seconds=5)
    url = reverse("admin:outbound_outboundmessage_story", args=[message.pk])
    viewer = people.browser(Level.VIEWER)

    page = viewer.get(url).content.decode()

    assert page.count('<li class="is-') == 4
    assert "A requisição ao provedor começou" in page
    assert "987654321" not in page
    assert url in viewer.get(reverse("admin:outbound_outboundmessage_change", args=[message.pk])).content.decode()
    assert viewer.get(url.replace(str(message.pk), "00000000-0000-4000-8000-000000000000")).status_code == 404
    assert people.browser(None).get(url).status_code in {302, 403}


def test_only_the_months_since_its_beginning_are_looked_through(outbox_ready, now):
    message = make.queued(make.contact(), now=now)

    plan = story.events_of([message], now=now).explain()

    expected = {f"business_events_{at:%Y_%m}" for at in (now - story.CLOCK_SKEW, now + story.CLOCK_SKEW)}
    assert set(re.findall(r"on (business_events_\w+)", plan)) == expected
