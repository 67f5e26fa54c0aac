"""Erasing a person: nothing of him is left, the record is, and no import ever writes to him again."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction

from outbound import contacts, erasure, inbound, jsonl, outbox
from outbound.contacts import Person
from outbound.evolution.webhooks import Inbound
from outbound.models import Contact, Interaction, OutboundMessage, ProviderMessage, Sender
from outbound.suppression import WrongSuppressionKeyError
from tests import owner
from tests.factories import outbound as make
from tests.waiting import wait_for

PHONE, NAME, SECRET = "5511987654321", "Ana Beatriz Prado", "Meu plantão de sexta"


@pytest.fixture
def ana(outbox_ready, now):
    contact = make.contact(phone=PHONE, name=NAME)
    sent = make.sent_before(contact, at=now - timedelta(days=1), sender=Sender.objects.get())
    OutboundMessage.objects.filter(pk=sent.pk).update(text=SECRET)
    Interaction.objects.filter(pk=make.inbound(contact, at=now).pk).update(text=SECRET)
    ProviderMessage.objects.create(
        sender=sent.sender, provider_message_id="3EB0", cliente_id=contact.pk, text_digest=inbound.digest(SECRET)
    )
    return contact


def erase(phone: str = PHONE, **options) -> str:
    output = StringIO()
    call_command("erase", phone, **{"reason": "pedido do titular", "actor": "ana", **options}, stdout=output)
    return output.getvalue()


def everything_stored() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
            "AND NOT relispartition"
        )
        tables = [row[0] for row in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')  # noqa: S608 - the catalogue's own
            rows += [row[0] for row in cursor.fetchall()]
    return "\n".join(rows)


def test_nothing_of_the_person_is_left_in_any_table(ana, now):
    user = get_user_model().objects.create(username="operadora")
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(Contact),
        object_id=str(ana.pk),
        object_repr=str(ana),
        action_flag=CHANGE,
    )
    digest = str(inbound.digest(SECRET))
    traces = (PHONE, PHONE[2:], NAME, SECRET, digest)
    stored = everything_stored()
    assert all(trace in stored for trace in traces)

    erase("11 98765-4321")

    stored = everything_stored()
    assert [trace for trace in traces if trace in stored] == []


def test_the_record_stays_and_says_who_asked_for_it(ana, now):
    make.queued(ana, now=now)
    before = OutboundMessage.objects.count()

    erase()

    assert OutboundMessage.objects.filter(contact=ana).count() == before
    (event,) = make.events("contact_erased")
    assert event.cliente_id == ana.pk
    assert event.event_props == {
        "actor_id": "ana",
        "reason": "pedido do titular",
        "messages": 2,
        "interactions": 1,
    }
    assert make.events("contact_opted_out")[0].cliente_id == ana.pk


def test_what_waited_for_him_is_cancelled_answers_too(ana, now):
    waiting = [
        make.queued(ana, now=now).pk,
        make.enqueue(make.reply(make.inbound(ana, at=now)), now=now).id,  # type: ignore[union-attr]
    ]

    erase()

    assert set(OutboundMessage.objects.filter(pk__in=waiting).values_list("status", flat=True)) == {"blocked"}


@pytest.mark.parametrize("status", ["sending", "unknown"])
def test_nobody_is_erased_while_a_message_to_him_is_not_settled(ana, now, status):
    message = make.queued(ana, now=now)
    claimed = {"claim_id": message.pk, "lease_until": now + timedelta(minutes=1), "status": status}
    OutboundMessage.objects.filter(pk=message.pk).update(**claimed)

    with pytest.raises(CommandError):
        erase()
    assert Contact.objects.get(pk=ana.pk).name == NAME
    assert Contact.objects.get(pk=ana.pk).opted_out_at is None

    OutboundMessage.objects.filter(pk=message.pk).update(status="failed")
    erase()
    assert Contact.objects.get(pk=ana.pk).name == ""


def test_nothing_can_be_enqueued_to_somebody_who_was_erased(ana, now):
    make.queued(ana, now=now)
    erase()

    with pytest.raises(outbox.InvalidMessageError, match="cliente_id"):
        make.queued(ana, now=now)


def test_a_message_that_is_enqueued_while_he_is_erased_waits_and_is_refused(ana, now, monkeypatch):
    refused: list[outbox.InvalidMessageError] = []

    def enqueue() -> None:
        try:
            make.enqueue(make.message(ana), now=now)
        except outbox.InvalidMessageError as error:
            refused.append(error)
        finally:
            connection.close()

    def somebody_waits() -> bool:
        with owner.connect() as connected:
            row = connected.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
            return bool(row and row[0])

    thread = threading.Thread(target=enqueue)

    def meanwhile(_contact_id, _now) -> None:
        thread.start()
        wait_for(somebody_waits, what="the lock")

    monkeypatch.setattr(erasure, "_listeners", [meanwhile])

    erase()
    thread.join(timeout=10)

    assert [error.field for error in refused] == ["cliente_id"]
    assert not OutboundMessage.objects.filter(contact=ana, status="queued").exists()


def test_an_import_that_brings_the_phone_back_does_not_write_to_him(ana, now, dispatcher, sandbox):
    erase()
    line = {"telefone": PHONE, "nome": NAME, "method": "manual", "text": "Voltou?"}
    other = {"telefone": "11 98765-0000", "nome": "Outra", "method": "manual", "text": "Olá"}

    answers = list(jsonl.enqueue_lines([json.dumps(line), json.dumps(other)], clock=lambda: now))
    dispatcher.drain(seconds=5)

    assert [answer["result"] for answer in answers] == ["queued", "queued"]
    assert [message.text for message in sandbox.delivered()] == ["Olá"]
    again = Contact.objects.get(phone=PHONE)
    assert (again.name, again.opted_out_reason) == ("", "suppressed")
    assert OutboundMessage.objects.get(contact=again).reason == "opted_out"


def test_his_own_word_brings_him_back(ana, now, settings):
    settings.INBOUND_CREATES_CONTACTS = True
    erase()

    def hear(text: str, id_: str) -> None:
        notice = Inbound(instance="julia", provider_message_id=id_, phone=PHONE, name=NAME, text=text, sent_at=now)
        inbound.take_in(notice, now=now)

    hear("Oi", "A1")
    assert Contact.objects.get(phone=PHONE).opted_out_at is not None
    hear("VOLTAR", "A2")
    assert Contact.objects.get(phone=PHONE).opted_out_at is None


def test_another_key_stops_imports_instead_of_forgetting_who_was_erased(ana, settings):
    erase()
    with transaction.atomic():
        contacts.find_or_create([Person(phone="5511987650000")])

    settings.SUPPRESSION_KEY = "another"

    with pytest.raises(WrongSuppressionKeyError), transaction.atomic():
        contacts.find_or_create([Person(phone="5511987650001")])


def test_what_is_kept_of_the_phone_cannot_be_computed_without_the_key(ana, settings):
    from outbound import suppression

    ours = suppression.digest(PHONE)
    settings.SUPPRESSION_KEY = "another"

    assert suppression.digest(PHONE) != ours


def test_what_a_listener_refuses_is_not_erased(ana, monkeypatch):
    def refuse(_contact_id, _now) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(erasure, "_listeners", [refuse])

    with pytest.raises(RuntimeError):
        erase()

    assert Contact.objects.get(pk=ana.pk).phone == PHONE


def test_the_database_holds_no_half_erased_person(ana, now):
    with pytest.raises(IntegrityError, match="until_erased"), transaction.atomic():
        Contact.objects.filter(pk=ana.pk).update(erased_at=now)


@pytest.mark.parametrize("phone", ["11 98765-4399", "12"])
def test_who_is_not_known_cannot_be_erased(ana, phone):
    with pytest.raises(CommandError):
        erase(phone)


def test_a_phone_in_the_reason_erases_nobody(ana):
    with pytest.raises(CommandError):
        erase(reason="pedido de 11 98765-4321")

    assert Contact.objects.get(pk=ana.pk).name == NAME
