"""`POST /webhooks/evolution/`: stored before it is answered, the same however often and in whatever order it comes."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from canary.metrics import Window
from outbound import metrics
from outbound.methods import Method
from outbound.models import Contact, Conversation, Interaction, OutboundMessage, ProviderMessage, Sender
from tests.factories import outbound as make

URL = "/webhooks/evolution/"
SENT_AT = 1_795_000_000
AUTHORIZED = "Bearer right-token"

Json = dict[str, Any]


@pytest.fixture
def post(client, settings):
    settings.EVOLUTION_WEBHOOK_TOKEN = "right-token"

    def send(body, *, authorization: str | None = AUTHORIZED, **more):
        data = body if isinstance(body, bytes | str) else json.dumps(body)
        headers = {"Authorization": authorization} if authorization is not None else {}
        return client.post(URL, data=data, content_type="application/json", headers=headers, **more)

    return send


def just_now() -> int:
    return int(datetime.now(UTC).timestamp())


def envelope(event: str, data: Json, **more) -> Json:
    return {
        "event": event,
        "instance": "julia",
        "data": data,
        "destination": "http://us",
        "date_time": "2026-11-23T12:00:00Z",
        "sender": "5511900000000@s.whatsapp.net",
        "server_url": "http://provider",
        "apikey": "the-instances-own-secret-key",
        **more,
    }


def upsert(phone: str, text: str, *, id_: str = "3EB0IN", from_me: bool = False, at: object = SENT_AT) -> Json:
    jid = phone if "@" in phone else f"{phone}@s.whatsapp.net"
    return envelope(
        "messages.upsert",
        {
            "key": {"remoteJid": jid, "fromMe": from_me, "id": id_},
            "pushName": "Ana",
            "message": {"conversation": text},
            "messageType": "conversation",
            "messageTimestamp": at,
        },
    )


def echo(phone: str, text: str, *, id_: str, at: int = SENT_AT) -> Json:
    return {**upsert(phone, text, id_=id_, from_me=True, at=at), "event": "send.message"}


def update(id_: str, status: str) -> Json:
    return envelope("messages.update", {"keyId": id_, "remoteJid": "x", "fromMe": True, "status": status})


def test_what_a_contact_writes_becomes_an_interaction_whatever_the_form_of_his_number(outbox_ready, post):
    doctor = make.contact(phone="5531987654321")

    answer = post(upsert("553187654321", "Qual o valor?"))

    assert (answer.status_code, answer.json()) == (200, {"stored": True})
    interaction = Interaction.objects.get()
    assert (interaction.contact_id, interaction.text) == (doctor.pk, "Qual o valor?")
    assert Conversation.objects.get().sender.instance == "julia"
    assert len(make.events("doctor_inbound")) == 1


def test_the_same_notice_again_changes_nothing(outbox_ready, post):
    doctor = make.contact()

    answers = [post(upsert(doctor.phone, "Oi")).json() for _ in range(3)]

    assert answers == [{"stored": True}, {"stored": False}, {"stored": False}]
    assert Interaction.objects.count() == len(make.events("doctor_inbound")) == 1


def test_the_same_notice_many_times_at_once_is_stored_once(outbox_ready, post, settings):
    from django.test import Client

    doctor = make.contact()
    body, statuses = json.dumps(upsert(doctor.phone, "PARE", at=just_now())), []

    def send():
        headers = {"Authorization": AUTHORIZED}
        statuses.append(Client().post(URL, data=body, content_type="application/json", headers=headers).status_code)
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(statuses) <= {200, 503}
    assert Interaction.objects.count() == 1
    assert len(make.events("contact_opted_out")) == 1
    assert OutboundMessage.objects.filter(method="reply").count() == 1


def test_strangers_become_contacts_only_where_configured(outbox_ready, post, settings):
    settings.INBOUND_CREATES_CONTACTS = False
    assert post(upsert("5511987654321", "Oi")).json() == {"stored": False}
    assert not Contact.objects.exists()

    settings.INBOUND_CREATES_CONTACTS = True
    assert post(upsert("5511987654321", "Oi")).json() == {"stored": True}
    assert Contact.objects.get().name == "Ana"


@pytest.mark.parametrize("jid", ["123456@g.us", "status@broadcast", "98765@lid", "abc@s.whatsapp.net"])
def test_groups_broadcasts_and_hidden_ids_are_nobody(outbox_ready, post, settings, jid):
    settings.INBOUND_CREATES_CONTACTS = True

    assert post(upsert(jid, "PARE")).json() == {"stored": False}
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "authorization", [None, "", "right-token", "Bearer wrong", "Bearer right-token ", "Basic right-token", "Bearer ã"]
)
def test_a_wrong_token_stores_nothing(outbox_ready, post, authorization):
    doctor = make.contact()

    answer = post(upsert(doctor.phone, "PARE"), authorization=authorization)

    assert answer.status_code == 401
    assert not Interaction.objects.exists()


def test_without_a_configured_token_nobody_gets_in(outbox_ready, post, settings):
    settings.EVOLUTION_WEBHOOK_TOKEN = ""

    assert post(upsert("5511987654321", "Oi"), authorization="Bearer ").status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"[]", 422),
        (b"null", 422),
        ({"event": "messages.upsert"}, 422),
        ({**upsert("5511987654321", "x"), "instance": "nobodys"}, 404),
        (envelope("messages.upsert", {"key": "x"}), 422),
        (upsert("5511987654321", "x", at="ontem"), 422),
        (upsert("5511987654321", "x", at=10**30), 422),
        (upsert("5511987654321", "x", id_="\ud800"), 422),
        (update("3EB0", "SOMETHING_NEW"), 422),
        (envelope("connection.update", {"state": "perhaps"}), 422),
        (b'{"pad": "' + b"x" * 2**20 + b'"}', 413),
    ],
)
def test_garbage_gets_a_clear_refusal(outbox_ready, post, body, status):
    answer = post(body)

    assert answer.status_code == status
    assert answer.json()["error"]


def test_events_nobody_asked_for_are_taken_and_dropped(outbox_ready, post):
    assert post(envelope("presence.update", {})).json() == {"stored": False}


def test_only_post_is_answered(client):
    for method in ("get", "head", "put", "delete", "patch", "options"):
        assert getattr(client, method)(URL).status_code == 405


def test_what_cannot_be_stored_in_text_is_stored_without_it(outbox_ready, post):
    doctor = make.contact()

    assert post(upsert(doctor.phone, "a\x00b \ud800")).status_code == 200
    assert Interaction.objects.get().text.startswith("ab")


def test_the_envelopes_key_is_nowhere(outbox_ready, post, caplog):
    doctor = make.contact()
    for body in (
        upsert(doctor.phone, "Oi"),
        echo(doctor.phone, "Olá", id_="3EB0OUT"),
        {"event": "x", "apikey": "the-instances-own-secret-key"},
    ):
        post(body)

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT count(*) FROM \"{table}\" t WHERE t::text LIKE '%%the-instances-own%%'")  # noqa: S608
            assert cursor.fetchone() == (0,), table
    assert "the-instances-own" not in caplog.text


def test_a_status_never_goes_back(outbox_ready, post):
    for status in ("DELIVERY_ACK", "SERVER_ACK", "PENDING", "READ", "DELIVERY_ACK"):
        assert post(update("3EB0OUT", status)).status_code == 200

    assert ProviderMessage.objects.get().status == "READ"


def test_a_status_may_come_before_its_message(outbox_ready, post):
    doctor = make.contact()

    post(update("3EB0OUT", "DELIVERY_ACK"))
    post(echo(doctor.phone, "Olá", id_="3EB0OUT"))

    witness = ProviderMessage.objects.get()
    assert (witness.status, witness.cliente_id) == ("DELIVERY_ACK", doctor.pk)


def test_a_closed_sender_is_not_used_until_it_is_open_again(dispatcher, sandbox, post, now):
    make.queued(make.contact(), now=now)
    post(envelope("connection.update", {"instance": "julia", "state": "close"}))
    dispatcher.drain(seconds=5)
    assert sandbox.requests() == []

    post(envelope("connection.update", {"instance": "julia", "state": "open"}))
    dispatcher.drain(seconds=5)

    assert len(sandbox.delivered()) == 1


def duplicates(now) -> float:
    return metrics.duplicates(Window(since=now - timedelta(days=400), until=now + timedelta(days=400))).value


def test_two_ids_for_one_text_are_a_duplicate_even_if_our_table_looks_clean(outbox_ready, post, now):
    doctor = make.contact()
    post(echo(doctor.phone, "Olá", id_="3EB0A"))
    assert duplicates(now) == 0

    post(echo(doctor.phone, "Olá", id_="3EB0B", at=SENT_AT + 60))

    assert duplicates(now) == 1


def test_the_same_text_much_later_or_to_another_is_none(outbox_ready, post, now):
    doctor, other = make.contact(), make.contact()

    post(echo(doctor.phone, "Olá", id_="3EB0A"))
    post(echo(doctor.phone, "Olá", id_="3EB0B", at=SENT_AT + 3600))
    post(echo(other.phone, "Olá", id_="3EB0C"))
    post(echo(doctor.phone, "Olá", id_="3EB0A"))

    assert duplicates(now) == 0


def test_the_same_answer_to_two_questions_is_none(outbox_ready, post, now, sender):
    doctor = make.contact()
    for number in (1, 2):
        row = make.sent_before(doctor, at=now, sender=sender, method=Method.REPLY)
        OutboundMessage.objects.filter(pk=row.pk).update(provider_message_id=f"3EB0{number}")
        post(echo(doctor.phone, "Sim", id_=f"3EB0{number}", at=SENT_AT + number))

    assert duplicates(now) == 0


# --- opting out -------------------------------------------------------------------------------------------------------


def test_pare_opts_out_cancels_what_waits_and_is_confirmed_once(dispatcher, sandbox, post, now):
    doctor = make.contact()
    make.queued(doctor, now=now)
    waiting_elsewhere = make.queued(make.contact(), now=now)

    post(upsert(doctor.phone, "PARE", at=just_now()))
    dispatcher.drain(seconds=5)

    texts = {message.number: message.text for message in sandbox.delivered()}
    assert set(texts) == {doctor.phone, waiting_elsewhere.contact.phone}
    assert "não receberá mais" in texts[doctor.phone]
    assert make.events("contact_opted_out")[0].event_props["cancelled"] == 1
    assert len(make.events("outbound_blocked", block_reason="opted_out")) == 1


def test_opting_out_again_confirms_and_cancels_nothing_new(outbox_ready, post):
    doctor = make.contact()

    post(upsert(doctor.phone, "PARE", id_="3EB0A"))
    post(upsert(doctor.phone, "sair", id_="3EB0B"))

    assert len(make.events("contact_opted_out")) == 1


def test_opting_in_again_is_explicit(outbox_ready, post):
    doctor = make.contact(opted_out_at=datetime.now(UTC))

    post(upsert(doctor.phone, "Oi, tem vaga?", id_="3EB0A"))
    assert Contact.objects.get().opted_out_at

    post(upsert(doctor.phone, "VOLTAR", id_="3EB0B"))
    assert Contact.objects.get().opted_out_at is None
    assert len(make.events("contact_opted_in")) == 1


def test_leaks_are_counted_against_the_opt_out_and_not_the_guardrails_word(outbox_ready, post, now, sender):
    doctor = make.contact()
    window = Window(since=now - timedelta(days=1), until=now + timedelta(days=1))
    before = make.sent_before(doctor, at=now, sender=sender)
    OutboundMessage.objects.filter(pk=before.pk).update(claimed_at=now)
    post(upsert(doctor.phone, "PARE"))
    assert metrics.sent_to_opted_out(window).is_ok

    leak = make.sent_before(doctor, at=now, sender=sender)
    OutboundMessage.objects.filter(pk=leak.pk).update(claimed_at=datetime.now(UTC) + timedelta(seconds=1))

    assert metrics.sent_to_opted_out(window).value == 1


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "key",
                    "id",
                    "remoteJid",
                    "fromMe",
                    "message",
                    "conversation",
                    "state",
                    "status",
                    "keyId",
                    "messageTimestamp",
                    "x",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["messages.upsert", "send.message", "messages.update", "connection.update", "other"]), json_values
)
def test_nothing_is_answered_with_an_error_of_ours(outbox_ready, post, event, data):
    body = {"event": event, "instance": "julia", "data": data}

    assert post(body).status_code in {200, 404, 422}
    assert Sender.objects.exists()
