"""The admin's screens: each opens, changes only through the functions of everybody, and never by hand."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.contrib import admin
from django.db import connections
from django.test import Client
from django.urls import get_resolver, reverse

from canary.models import FeatureFlag, FeatureFlagChange, Incident
from julia.access import Level
from outbound.methods import Method
from outbound.models import Contact, OutboundMessage, Sender
from tests.factories import handoff, people
from tests.factories import outbound as make
from tests.integration.julia.test_panel import text

# Screens are registered with the URLs.
assert get_resolver().url_patterns
OURS = [model for model in admin.site._registry if model._meta.app_label in {"canary", "outbound", "handoff"}]
SCREENS = [f"{model._meta.app_label}_{model._meta.model_name}" for model in OURS]


@pytest.fixture
def ana(outbox_ready: None) -> Client:
    return people.browser(Level.OPERATOR, name="ana")


@pytest.fixture
def unknown(outbox_ready: None, now: datetime) -> OutboundMessage:
    """A message of which nobody knows whether it left."""
    message = make.queued(make.contact(), now=now)
    OutboundMessage.objects.filter(pk=message.pk).update(status="unknown", due_at=None, attempted_at=now)
    return message


def change(client: Client, screen: str, action: str, pk: Any, **data: str) -> str:
    url = reverse(f"admin:{screen}_{action}", args=[pk])
    return text(client.post(url, {"reason": "pedido dela", **data}, follow=True))


@pytest.mark.parametrize("screen", SCREENS)
def test_a_viewer_opens_every_list_and_record_and_changes_none(screen: str, something_of_everything: None) -> None:
    viewer, stranger = people.browser(Level.VIEWER), people.browser(None)
    (model,) = (model for model in OURS if f"{model._meta.app_label}_{model._meta.model_name}" == screen)
    pk = model._default_manager.values_list("pk", flat=True)[0]
    listed, record = reverse(f"admin:{screen}_changelist"), reverse(f"admin:{screen}_change", args=[pk])

    assert [viewer.get(url).status_code for url in (listed, record)] == [200, 200]
    # No pair of a code and its words where the words alone should stand.
    assert "(&#x27;" not in viewer.get(record).content.decode()
    assert viewer.post(record, {}).status_code == 403
    assert viewer.get(reverse(f"admin:{screen}_add")).status_code == 403
    assert viewer.post(reverse(f"admin:{screen}_delete", args=[pk]), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=pk).exists()
    assert [stranger.get(url).status_code for url in (listed, record)] == [403, 403]


def test_even_a_superuser_edits_nothing_by_hand(something_of_everything: None) -> None:
    root = people.user(None)
    type(root).objects.filter(pk=root.pk).update(is_superuser=True)
    client = Client()
    client.force_login(root)

    for screen, pk in (("canary_featureflag", "julia"), ("outbound_contact", Contact.objects.all()[0].pk)):
        assert client.get(reverse(f"admin:{screen}_change", args=[pk])).status_code == 200
        assert client.post(reverse(f"admin:{screen}_change", args=[pk]), {"key": "x"}).status_code == 403


def test_opting_out_and_in_again_leaves_who_and_why(ana: Client, now: datetime) -> None:
    contact = make.contact()
    waiting = make.queued(contact, now=now)

    out = change(ana, "outbound_contact", "opt_out", contact.pk)
    again = change(ana, "outbound_contact", "opt_out", contact.pk)

    assert "Opt-out registrado" in out
    assert "Alguém foi mais rápido" in again
    (event,) = make.events("contact_opted_out")
    assert (event.event_props["actor_id"], event.event_props["reason"]) == ("ana", "pedido dela")
    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason) == ("blocked", "opted_out")
    assert "pode-se escrever de novo" in change(ana, "outbound_contact", "opt_in", contact.pk)
    assert make.events("contact_opted_in")[0].event_props["actor_id"] == "ana"
    contact.refresh_from_db()
    assert contact.opted_out_at is None


@pytest.mark.parametrize("action", ["opt_out", "opt_in"])
def test_a_viewer_opts_nobody_out_or_in(action: str, outbox_ready: None) -> None:
    contact = make.contact()
    url = reverse(f"admin:outbound_contact_{action}", args=[contact.pk])

    assert people.browser(Level.VIEWER).post(url, {"reason": "teste"}).status_code == 403
    assert not make.events("contact_opted_out")
    assert people.browser(Level.OPERATOR).post(url, {"reason": "teste"}).status_code == 302


def test_why_not_says_the_rule_and_what_would_change_it(ana: Client, now: datetime) -> None:
    contact = make.contact(cooling_off_until=now + timedelta(days=1))
    url = reverse("admin:outbound_contact_why_not", args=[contact.pk])

    campaign, manual = text(ana.get(url)), text(ana.get(f"{url}?method={Method.COMMAND}"))

    assert "O contato está em descanso" in campaign or "em descanso" in campaign.lower()
    assert "Nenhuma regra impede." in manual
    assert not make.events("outbound_blocked")


def test_a_contact_is_found_by_phone_as_people_write_it_and_by_name(ana: Client) -> None:
    helena = make.contact(phone="5511987654321", name="Dra. Helena")
    make.contact(name="Dr. Outro")
    listed = reverse("admin:outbound_contact_changelist")

    for words in ("(11) 98765-4321", "+55 11 98765-4321", "55119876", "dra. hel"):
        answer = ana.post(reverse("admin:outbound_contact_search"), {"term": words}, follow=True)
        said = text(answer)
        assert "Dra. Helena" in said, words
        assert "Dr. Outro" not in said
        # What was searched for is in no address, where browsers and proxies would keep it.
        assert answer.redirect_chain == [(f"{listed}?ids={helena.pk}", 302)]


def test_a_search_that_finds_nobody_says_so_and_one_that_finds_many_shows_the_first(ana: Client) -> None:
    search = reverse("admin:outbound_contact_search")
    for number in range(51):
        make.contact(name=f"Dra. Muitas {number}")

    nobody = ana.post(search, {"term": "11 90000-0000"}, follow=True)
    many = ana.post(search, {"term": "dra. muitas"}, follow=True)

    assert len(nobody.context["cl"].result_list) == 0
    assert len(many.context["cl"].result_list) == 50
    assert "Estes são só os primeiros" in text(many)


def test_a_bridge_is_found_by_the_divulgadors_phone_and_by_hospital(ana: Client, now: datetime) -> None:
    handoff.switch_on()
    bridge = handoff.opened(now=now, shift=handoff.vaga(divulgador=handoff.divulgador(phone="5511987654321")))
    handoff.opened(now=now, shift=handoff.vaga(hospital="Outro"))
    search = reverse("admin:handoff_externalhandoff_search")

    for words in ("(11) 98765-4321", "55119876", "santa casa", str(bridge.pk)):
        assert ana.post(search, {"term": words}).headers["Location"].endswith(f"?ids={bridge.pk}"), words


def test_a_contacts_record_shows_what_happened_to_him(ana: Client, now: datetime) -> None:
    contact = make.contact()
    make.queued(contact, now=now)
    change(ana, "outbound_contact", "opt_out", contact.pk)

    said = text(ana.get(reverse("admin:outbound_contact_change", args=[contact.pk])))

    assert "contact_opted_out" in said
    assert "outbound_blocked" in said


def test_a_message_without_proof_is_settled_by_a_person_once(ana: Client, unknown: OutboundMessage) -> None:
    said = change(ana, "outbound_outboundmessage", "settle", unknown.pk, word="sent")
    again = change(ana, "outbound_outboundmessage", "settle", unknown.pk, word="requeue")

    assert "seu nome e motivo" in said
    assert "mais rápido" in again
    unknown.refresh_from_db()
    assert unknown.status == "sent"
    (event,) = make.events("outbound_sent")
    assert (event.event_props["resolved_by"], event.event_props["resolution"]) == ("ana", "pedido dela")


def test_of_two_who_settle_one_message_at_once_one_is_told_so(unknown: OutboundMessage) -> None:
    clients = [people.browser(Level.OPERATOR) for _ in range(2)]
    start = Barrier(2)

    def settle(client: Client) -> str:
        try:
            start.wait(timeout=20)
            return change(client, "outbound_outboundmessage", "settle", unknown.pk, word="sent")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(settle, clients))

    assert sorted("mais rápido" in words for words in said) == [False, True]
    assert len(make.events("outbound_sent")) == 1


def test_waiting_messages_are_cancelled_and_others_are_not(
    ana: Client, unknown: OutboundMessage, now: datetime
) -> None:
    waiting = [make.queued(make.contact(), now=now) for _ in range(2)]
    selected = [str(message.pk) for message in (*waiting, unknown)]
    listed = reverse("admin:outbound_outboundmessage_changelist")

    question = ana.post(listed, {"action": "cancel_selected", "_selected_action": selected}, follow=True)
    url = question.redirect_chain[-1][0]
    said = text(ana.post(url, {"reason": "campanha errada"}, follow=True))

    assert "Cancelar 2 mensagens em espera?" in text(question)
    assert "2 canceladas: nunca saem." in said
    by_status = OutboundMessage.objects.filter(pk__in=selected).order_by("status").values_list("status", "reason")
    assert list(by_status) == [("blocked", "cancelled_by_person")] * 2 + [("unknown", None)]
    props = [event.event_props for event in make.events("outbound_blocked")]
    assert {(p["block_reason"], p["resolved_by"], p["resolution"]) for p in props} == {
        ("cancelled_by_person", "ana", "campanha errada")
    }
    assert len(props) == 2


def test_a_stopped_number_is_resumed_with_a_name_and_a_reason(ana: Client, sender: Sender) -> None:
    Sender.objects.update(stopped_reason="HTTP 401")

    said = change(ana, "outbound_sender", "resume", sender.pk)
    again = change(ana, "outbound_sender", "resume", sender.pk)

    assert "julia continua." in said
    assert "mais rápido" in again
    (event,) = make.events("sender_resumed")
    assert event.event_props == {
        "sender_id": str(sender.pk),
        "stopped_reason": "HTTP 401",
        "actor_id": "ana",
        "reason": "pedido dela",
    }


@pytest.mark.parametrize(
    ("screen", "query"),
    [
        ("outbound_outboundmessage", {"status": "queued"}),
        ("outbound_outboundmessage", {"reason": "opted_out", "method": "campaign", "day": "2026-11-24"}),
        ("outbound_contact", {"kind": "medico", "opted_out": "no"}),
        ("canary_businessevent", {"event_type": "flag_changed", "day": "2026-11-24"}),
        ("canary_featureflagchange", {"key": "julia"}),
        ("canary_incident", {"severity": "P1"}),
        ("canary_drill", {"passed": "True"}),
    ],
)
def test_every_filter_answers(screen: str, query: dict[str, str], something_of_everything: None) -> None:
    answer = people.browser(Level.VIEWER).get(reverse(f"admin:{screen}_changelist"), query)

    assert answer.status_code == 200


def test_events_are_filtered_by_type_and_by_sao_paulos_day(ana: Client, now: datetime) -> None:
    contact = make.contact()
    change(ana, "outbound_contact", "opt_out", contact.pk)
    listed = reverse("admin:canary_businessevent_changelist")

    def rows(**query: str) -> int:
        return len(ana.get(listed, query).context["cl"].result_list)

    assert rows() == 1
    assert rows(event_type="contact_opted_out") == 1
    assert rows(event_type="contact_opted_in") == 0
    assert rows(day="2020-01-01") == 0
    assert rows(cliente_id=str(contact.pk)) == 1


def test_a_switchs_record_shows_its_history(something_of_everything: None) -> None:
    said = text(people.browser(Level.VIEWER).get(reverse("admin:canary_featureflag_change", args=["safe_mode"])))

    assert "Histórico" in said
    assert "ana" in said
    assert FeatureFlagChange.objects.count() == 1
    assert FeatureFlag.objects.get(key="safe_mode").value == {"enabled": True}


def test_an_incidents_record_shows_its_timeline(something_of_everything: None) -> None:
    said = text(
        people.browser(Level.VIEWER).get(reverse("admin:canary_incident_change", args=[Incident.objects.get().pk]))
    )

    assert "Linha do tempo" in said
    assert "opened" in said


@pytest.mark.parametrize(
    ("level", "sees", "empties"), [(None, 403, 403), (Level.OPERATOR, 200, 403), (Level.ADMIN, 200, 302)]
)
def test_rq_queues_are_seen_by_those_who_see_julia_and_emptied_by_admins(
    outbox_ready: None, level: Level | None, sees: int, empties: int
) -> None:
    client = people.browser(level)

    looked = client.get(reverse("admin:django_rq_dashboard_changelist"))
    emptied = client.post(reverse("admin:django_rq_clear", args=[0]))

    assert (looked.status_code, emptied.status_code) == (sees, empties)


def test_what_a_list_costs_does_not_grow_with_its_rows(
    ana: Client, now: datetime, django_assert_num_queries: Callable[..., Any]
) -> None:
    listed = reverse("admin:outbound_outboundmessage_changelist")
    make.queued(make.contact(), now=now)
    # The session, its user, his permissions in two, and the list.
    with django_assert_num_queries(5) as few:
        ana.get(listed)

    for _ in range(20):
        make.queued(make.contact(), now=now)

    with django_assert_num_queries(5):
        ana.get(listed)
    assert not [query for query in few.captured_queries if "COUNT(" in query["sql"]]
