"""What the commands answer and do, beyond the switches."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from canary.models import BusinessEvent, FeatureFlagChange, Incident
from outbound.models import Contact, OutboundMessage
from tests.factories import outbound
from tests.factories import slack as make
from tests.integration.julia.conftest import Console


def confirm(console: Console, line: str) -> dict[str, Any]:
    return console.press("confirm", make.buttons(console.say(line))["confirm"])


def test_status_tells_everything_in_one_message(console: Console, now: datetime) -> None:
    outbound.queued(outbound.contact(), now=now)
    Incident.objects.create(severity="P1", kind="queue_age", opened_at=now, opened_by="system", last_seen_at=now)
    console.say("toggle_campanhas off agora")

    assert console.say("como tá a Julia?")["text"].splitlines() == [
        "▶️ A Julia está ligada.",
        "As campanhas estão desligadas.",
        "A ponte externa está desligada.",
        "Canary: 100%.",
        "Na fila: 1. Em voo: 0. Sem prova: 0.",
        "Incidentes abertos: 1.",
    ]


def test_its_own_slash_and_julia_are_the_same(console: Console) -> None:
    assert console.say("", command="/status_julia")["text"] == console.say("status")["text"]
    assert console.say("status", command="/toggle_campanhas")["text"] == "As campanhas estão ligadas."


def test_health_shows_what_is_violated_first_and_what_to_do(console: Console) -> None:
    answer = console.say("saude")

    # No worker has ever beaten here.
    assert answer["text"] == "Saúde das últimas 24 h: ALERTA: worker_heartbeat"
    sections = [block["text"]["text"] for block in answer["blocks"] if block["type"] == "section"]
    assert sections[0].startswith("🚨 *worker_heartbeat* nunca (limite &lt; 120 s)\n")
    assert "✅ *outbound_to_opted_out* 0 (limite = 0)" in sections


def test_explain_tells_the_rules_in_the_way_without_the_phone(console: Console, now: datetime) -> None:
    doctor = outbound.contact(phone="5511987654321", opted_out_at=now)

    text = console.say("explicar (11) 98765-4321")["text"]

    assert text.startswith("Uma mensagem de campanha para 55119…21: *bloqueada*.")
    assert "`opted_out` O contato saiu da lista." in text or "`opted_out`" in text
    assert doctor.phone not in text


def test_explain_does_not_know_strangers(console: Console) -> None:
    assert console.say("explicar 11987654321")["text"] == "Nenhum contato tem o telefone 55119…21."


def test_opting_out_cancels_what_waits(console: Console, now: datetime) -> None:
    doctor = outbound.contact(phone="5511987654321")
    message = outbound.queued(doctor, now=now)

    asked = console.say("optout 11987654321 pediu na ligação")
    done = console.press("confirm", make.buttons(asked)["confirm"])

    # One person's business is not the channel's.
    assert asked["response_type"] == "ephemeral"
    assert "55119…21 não recebe mais mensagens." in done["text"]
    assert OutboundMessage.objects.get(pk=message.pk).status == "blocked"
    (event,) = outbound.events("contact_opted_out")
    assert event.event_props == {"actor_id": "ana", "reason": "pediu na ligação", "cancelled": 1}
    assert "já tinha saído" in confirm(console, "optout 11987654321")["text"]


def test_who_is_not_known_yet_can_be_opted_out(console: Console) -> None:
    confirm(console, "optout 11987654321")

    assert Contact.objects.get(phone="5511987654321").opted_out_at is not None


def test_open_incidents_are_listed_with_their_buttons(console: Console, now: datetime) -> None:
    assert console.say("incidentes")["text"] == "Nenhum incidente aberto."
    worst, other = (
        Incident.objects.create(severity=severity, kind=kind, opened_at=now, opened_by="system", last_seen_at=now)
        for severity, kind in (("P0", "opted_out_leak"), ("P1", "queue_age"))
    )
    over = {"resolved_at": now, "resolved_by": "ana", "note": "visto"}
    Incident.objects.create(severity="P0", kind="old", opened_at=now, opened_by="ana", last_seen_at=now, **over)

    answer = console.say("incidentes")

    assert [line.split()[1] for line in answer["text"].splitlines()] == ["opted_out_leak", "queue_age"]
    values = [
        (button["action_id"], button.get("value"), button.get("url"))
        for block in answer["blocks"]
        if block["type"] == "actions"
        for button in block["elements"]
    ]
    assert ("acknowledge_incident", str(worst.pk), None) in values
    assert ("open_admin", None, f"http://127.0.0.1:8000/admin/canary/incident/{other.pk}/change/") in values


@pytest.mark.parametrize(
    ("line", "usage"),
    [
        ("canary reduzir muito", "/canary status|promover|reduzir PCT [agora] [motivo]"),
        ("explicar", "/explicar TELEFONE"),
        ("toggle_campanhas talvez", "/toggle_campanhas on|off|status [agora] [motivo]"),
    ],
)
def test_what_is_malformed_is_told_how_it_goes(line: str, usage: str, console: Console) -> None:
    assert console.say(line)["text"] == f"Não entendi; nada foi feito. É assim: `{usage}`"


def test_what_is_unknown_is_told_the_nearest(console: Console) -> None:
    answer = console.say("pausa_julia")

    assert "Você quis dizer `pausar_julia`?" in answer["text"]
    assert FeatureFlagChange.objects.count() == 0


def test_a_reason_with_personal_data_stops_nobody_and_is_not_kept(console: Console) -> None:
    text = console.say("pausar_julia agora 11987654321 reclamou")["text"]

    assert "A Julia está pausada." in text
    assert "O motivo tinha dado pessoal e não foi guardado." in text
    assert "98765" not in text
    assert FeatureFlagChange.objects.get().reason == "pausar_julia (Slack)"


def test_what_was_typed_mentions_nobody(console: Console) -> None:
    text = console.say("pausar_julia agora <!channel> & <https://example.org|x>")["text"]

    assert "&lt;!channel&gt; &amp; &lt;https://example.org|x&gt;" in text


def test_stopping_what_is_stopped_says_so(console: Console) -> None:
    console.say("pausar_julia agora")

    assert "A Julia já estava pausada." in console.say("pausar_julia agora")["text"]


def test_a_phone_never_gets_into_events(console: Console) -> None:
    for line in ("explicar 11987654321", "optout 11987654321 11987654321", "pausar_julia agora 11987654321"):
        answer = console.say(line)
        if make.buttons(answer):
            console.press("confirm", make.buttons(answer)["confirm"])

    assert "98765" not in str([event.event_props for event in BusinessEvent.objects.all()])


def test_what_is_old_is_forgotten(console: Console, now: datetime) -> None:
    from julia.slack import retention
    from julia.slack.models import SlackConfirmation, SlackRequest

    console.say("pausar_julia")

    assert retention.forget(now=now + timedelta(hours=23)) == 0
    assert retention.forget(now=now + timedelta(hours=25)) == 2
    assert (SlackRequest.objects.count(), SlackConfirmation.objects.count()) == (0, 0)
