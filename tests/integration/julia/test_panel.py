"""The panel over HTTP: who sees and may do what, what it says, and that two people at once do not undo each other."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from html import unescape
from threading import Barrier
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse

from canary import events
from canary.event_types import EventType
from canary.flag_values import FlagKey
from canary.incident_wording import describe
from canary.models import FeatureFlag, FeatureFlagChange, Incident
from julia.access import Level
from julia.panel import queue
from outbound import killswitch
from outbound.killswitch import Switch
from tests.factories import health, people
from tests.factories import outbound as make


def text(answer: Any) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def page(client: Client, name: str = "index", *arguments: Any) -> Any:
    answer = client.get(reverse(f"admin:{name}", args=arguments))
    assert answer.status_code == 200
    return answer


def turn(client: Client, switch: Switch, position: str, *, seen: int, reason: str = "teste") -> str:
    """Confirm a switch's question, and read what the panel says then."""
    url = reverse("admin:panel_switch", args=[switch, position])
    return text(client.post(url, {"reason": reason, "seen": seen}, follow=True))


def seen(client: Client, switch: Switch, position: str) -> int:
    """What the question of a switch's button carries along."""
    question = page(client, "panel_switch", switch, position).content.decode()
    (found,) = re.findall(r'name="seen" value="(\d+)"', question)
    return int(found)


def test_the_panel_says_in_portuguese_how_julia_stands(outbox_ready: None, now: datetime) -> None:
    make.queued(make.contact(), now=now)
    health.snapshot(at=now - timedelta(minutes=3), errors=1, attempts=50)
    with transaction.atomic():
        events.emit([events.Event(type=EventType.OUTBOUND_SENT, at=now, source="outbound")])

    said = text(page(people.browser(Level.VIEWER)))

    for words in ("Julia está ligada", "Campanhas", "Ponte externa", "Modo seguro", "1 esperando na fila", "em voo"):
        assert words in said
    for words in ("Erros do provedor 2,00% 1 / 50", "deve ser < 1%", "ALERTA", "Envios por hora 1 em 24 horas"):
        assert words in said
    assert "Pausar a Julia" not in said


def test_an_operator_pauses_julia_with_a_reason_through_the_kill_switch(outbox_ready: None, now: datetime) -> None:
    make.queued(make.contact(), now=now)
    ana = people.browser(Level.OPERATOR, name="ana")

    question = text(page(ana, "panel_switch", "julia", "off"))
    said = turn(ana, Switch.JULIA, "off", seen=0, reason="mensagens estranhas")

    assert "Em voo agora: 0. Esperando na fila: 1." in question
    assert "Julia está pausada. Em voo naquele momento: 0. Esperando na fila: 1." in said
    (change,) = FeatureFlagChange.objects.all()
    assert (change.key, change.after, change.actor, change.reason) == (
        "julia",
        {"enabled": False},
        "ana",
        "mensagens estranhas",
    )
    (event,) = make.events("flag_changed")
    assert (event.event_props["actor_id"], event.event_props["reason"]) == ("ana", "mensagens estranhas")


@pytest.mark.parametrize("reason", ["", "  ", "ligou de 11 98765-4321"])
def test_nothing_is_turned_without_a_reason_or_with_personal_data(outbox_ready: None, reason: str) -> None:
    ana = people.browser(Level.OPERATOR)

    refused = ana.post(reverse("admin:panel_switch", args=["julia", "off"]), {"reason": reason, "seen": 0})

    assert refused.status_code == 200
    assert "julia-error" in refused.content.decode()
    assert FeatureFlag.objects.get(key="julia").value == {"enabled": True}
    assert "Julia está pausada" in turn(ana, Switch.JULIA, "off", seen=0)


def test_looking_at_a_question_changes_nothing(outbox_ready: None) -> None:
    page(people.browser(Level.OPERATOR), "panel_switch", "julia", "off")

    assert not FeatureFlagChange.objects.exists()


@pytest.mark.parametrize(
    ("level", "sees", "turns"),
    [(None, 403, 403), (Level.VIEWER, 200, 403), (Level.OPERATOR, 200, 302), (Level.ADMIN, 200, 302)],
)
def test_who_may_see_and_who_may_turn(outbox_ready: None, level: Level | None, sees: int, turns: int) -> None:
    client = people.browser(level)

    seen_now = client.get(reverse("admin:panel_now"))
    turned = client.post(reverse("admin:panel_switch", args=["julia", "off"]), {"reason": "teste", "seen": 0})

    assert (seen_now.status_code, turned.status_code) == (sees, turns)
    assert FeatureFlag.objects.get(key="julia").value == {"enabled": turns == 403}
    assert client.get(reverse("admin:index")).status_code == 200


def test_a_request_from_another_site_turns_nothing(outbox_ready: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people.user(Level.OPERATOR))
    url = reverse("admin:panel_switch", args=["julia", "off"])

    forged = strict.post(url, {"reason": "teste", "seen": 0})
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', strict.get(url).content.decode())[0]
    genuine = strict.post(url, {"reason": "teste", "seen": 0, "csrfmiddlewaretoken": token})

    assert (forged.status_code, genuine.status_code) == (403, 302)


def test_of_two_who_pause_at_once_the_second_is_told_what_the_first_did(outbox_ready: None) -> None:
    clients = {name: people.browser(Level.OPERATOR, name=name) for name in ("ana", "bia")}
    start = Barrier(2)

    def pause(name: str) -> str:
        try:
            known = seen(clients[name], Switch.JULIA, "off")
            start.wait(timeout=20)
            return turn(clients[name], Switch.JULIA, "off", seen=known, reason=f"visto por {name}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        said = dict(zip(clients, pool.map(pause, clients), strict=True))

    (change,) = FeatureFlagChange.objects.all()
    first = change.actor
    (second,) = set(clients) - {first}
    assert "Julia está pausada. Em voo naquele momento" in said[first]
    assert "Já estava assim. " + first in said[second]
    assert f"porque: visto por {first}" in said[second]


def test_nobody_resumes_julia_over_a_pause_he_has_not_seen(outbox_ready: None) -> None:
    ana, bia = (people.browser(Level.OPERATOR, name=name) for name in ("ana", "bia"))
    turn(ana, Switch.JULIA, "off", seen=0, reason="primeira pausa")
    known = seen(ana, Switch.JULIA, "on")
    # While Ana looks at the question, Bia resumes and pauses again, for another reason.
    turn(bia, Switch.JULIA, "on", seen=known, reason="parecia bom")
    turn(bia, Switch.JULIA, "off", seen=0, reason="vazamento de verdade")

    refused = turn(ana, Switch.JULIA, "on", seen=known)

    assert "Nada foi alterado. bia mudou em" in refused
    assert "porque: vazamento de verdade" in refused
    assert FeatureFlag.objects.get(key="julia").value == {"enabled": False}
    # Knowing why, she may.
    assert "Julia está ligada" in turn(ana, Switch.JULIA, "on", seen=seen(ana, Switch.JULIA, "on"))


def test_stopping_is_never_refused_however_old_what_was_seen(outbox_ready: None) -> None:
    ana, bia = (people.browser(Level.OPERATOR, name=name) for name in ("ana", "bia"))
    for position in ("off", "on"):
        turn(bia, Switch.CAMPAIGNS, position, seen=seen(bia, Switch.CAMPAIGNS, position))

    said = turn(ana, Switch.CAMPAIGNS, "off", seen=0)

    assert "Campanhas: Desligado" in said
    assert FeatureFlag.objects.get(key="campaigns").value == {"enabled": False}


def bridge(client: Client, pct: int | str, *, seen: int) -> str:
    """Answer for how many doctors the bridge shall be on, and read what the panel says then."""
    url = reverse("admin:panel_switch", args=[Switch.EXTERNAL_HANDOFF, "on"])
    return text(client.post(url, {"reason": "piloto", "pct": pct, "seen": seen}, follow=True))


def test_the_bridge_is_turned_on_for_a_share_of_doctors_which_can_be_changed(outbox_ready: None) -> None:
    ana = people.browser(Level.OPERATOR, name="ana")
    which = (Switch.EXTERNAL_HANDOFF, "on")

    assert "ligada para 10% dos médicos" in bridge(ana, 10, seen=seen(ana, *which))
    assert "Ligado · 10%" in text(page(ana, "panel_now"))
    assert "ligada para 50% dos médicos" in bridge(ana, 50, seen=seen(ana, *which))

    assert FeatureFlag.objects.get(key="external_handoff").value == {"enabled": True, "canary_pct": 50}


@pytest.mark.parametrize("pct", ["", "-1", "101", "dez"])
def test_a_share_of_doctors_that_cannot_be_changes_nothing(outbox_ready: None, pct: str) -> None:
    before = FeatureFlag.objects.get(key="external_handoff").value

    bridge(people.browser(Level.OPERATOR), pct, seen=0)

    assert FeatureFlag.objects.get(key="external_handoff").value == before


def test_the_second_to_change_the_share_is_told_what_the_first_did(outbox_ready: None) -> None:
    ana, bia = (people.browser(Level.OPERATOR, name=name) for name in ("ana", "bia"))
    bridge(bia, 10, seen=0)

    refused = bridge(ana, 50, seen=0)

    assert "Nada foi alterado. bia mudou em" in refused
    assert FeatureFlag.objects.get(key="external_handoff").value["canary_pct"] == 10


def test_the_terminal_and_the_panel_write_the_same_history(outbox_ready: None, now: datetime) -> None:
    turn(people.browser(Level.OPERATOR, name="ana"), Switch.SAFE_MODE, "on", seen=0, reason="investigando")
    killswitch.turn(switch=Switch.SAFE_MODE, on=False, actor="ana", reason="investigando", now=now)

    by_panel, by_terminal = make.events("flag_changed", key=FlagKey.SAFE_MODE)
    assert by_panel.event_props.keys() == by_terminal.event_props.keys()
    assert by_panel.source == by_terminal.source == "canary"


def test_open_incidents_stand_on_top_the_worst_first(outbox_ready: None, now: datetime) -> None:
    for severity, kind in (("P1", "queue_age"), ("P0", "outbound_to_opted_out")):
        Incident.objects.create(severity=severity, kind=kind, opened_at=now, opened_by="system", last_seen_at=now)

    said = text(page(people.browser(Level.VIEWER), "panel_now"))

    assert said.index(f"P0 {describe('outbound_to_opted_out').title}") < said.index(f"P1 {describe('queue_age').title}")


def test_the_fragment_of_every_few_seconds_costs_few_queries(
    outbox_ready: None, now: datetime, django_assert_max_num_queries: Any
) -> None:
    client = people.browser(Level.OPERATOR)
    for _ in range(5):
        make.queued(make.contact(), now=now)

    # The session and its user with permissions are five of them.
    with django_assert_max_num_queries(14):
        page(client, "panel_now")


def test_of_a_queue_of_any_length_only_the_first_are_counted(
    outbox_ready: None, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = people.browser(Level.VIEWER)
    for _ in range(4):
        make.queued(make.contact(), now=now)

    monkeypatch.setattr(queue, "MOST", 5)
    assert "4 esperando na fila" in text(page(client, "panel_now"))
    monkeypatch.setattr(queue, "MOST", 3)
    assert "3+ esperando na fila" in text(page(client, "panel_now"))


def test_what_is_written_by_people_is_shown_as_text(outbox_ready: None) -> None:
    client = people.browser(Level.OPERATOR)

    turn(client, Switch.JULIA, "off", seen=0, reason="<script>alert(1)</script>")

    shown = page(client, "panel_now").content.decode()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
