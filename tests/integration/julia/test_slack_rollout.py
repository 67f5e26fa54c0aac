"""The canary, incidents, drills and bridges from Slack."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from canary import flags, incidents, rollout
from canary.models import Incident, PhaseTransition
from julia.access import Level
from tests.factories import handoff
from tests.factories import slack as make
from tests.integration.julia.conftest import Console
from tests.integration.julia.working import work


def _open(now: datetime) -> Incident:
    return Incident.objects.create(severity="P1", kind="queue_age", opened_at=now, opened_by="system", last_seen_at=now)


def test_status_says_whether_the_canary_may_grow_and_what_is_missing(console: Console) -> None:
    rollout.rollback(to_pct=10, actor="ana", reason="começo", now=datetime.now().astimezone())

    lines = console.say("canary status")["text"].splitlines()

    assert lines[:2] == ["Canary: 10%.", "NO-GO para 25%. O que falta:"]
    assert any(line.startswith("• *") for line in lines[2:])
    assert lines[-1].startswith("Última mudança: 100% → 10%, ana, ")


def test_an_admin_promotes_only_through_the_gate(console: Console) -> None:
    make.person(make.BIA, "bia", level=Level.ADMIN)
    rollout.rollback(to_pct=10, actor="ana", reason="começo", now=datetime.now().astimezone())
    assert console.say("canary promover")["text"].startswith("O seu papel não permite isso.")

    asked = console.say("canary promover", user=make.BIA)
    begun = console.press("confirm", make.buttons(asked)["confirm"], user=make.BIA)
    work("console")

    assert begun["text"] == "Leva um pouco; a resposta chega aqui."
    assert console.slack.last()["text"].startswith("NO-GO: o canary continua em 10%.\n• *")
    assert flags.read().canary_pct == 10


def test_shrinking_is_immediate_with_agora_and_only_goes_down(console: Console) -> None:
    assert "O canary está em 10%." in console.say("canary reduzir 10 agora incidente")["text"]
    assert console.say("canary reduzir 50 agora")["text"] == "O canary está em 10%: reduza para menos."

    moved = PhaseTransition.objects.get()
    assert (moved.from_pct, moved.to_pct, moved.actor, moved.reason) == (100, 10, "ana", "incidente")


def test_an_incident_is_taken_care_of_once(console: Console, now: datetime) -> None:
    incident = _open(now)

    first = console.press("acknowledge_incident", str(incident.pk))
    again = console.press("acknowledge_incident", str(incident.pk))
    nobodys = console.press("acknowledge_incident", str(incident.pk + 1))
    incidents.resolve(incident_id=incident.pk, actor="ana", note="worker religado", now=now + timedelta(minutes=1))
    late = console.press("acknowledge_incident", str(incident.pk))

    assert (first["text"], first["response_type"]) == (f"ana cuida do incidente {incident.pk}.", "in_channel")
    assert again["text"] == f"Alguém já está cuidando do incidente {incident.pk}."
    assert nobodys["text"] == f"Não existe o incidente {incident.pk + 1}."
    assert late["text"] == f"O incidente {incident.pk} já está resolvido."


def test_an_alert_is_posted_with_buttons_that_work(
    console: Console, now: datetime, settings: Any, httpserver: HTTPServer
) -> None:
    settings.SLACK_ALERT_CHANNEL = make.CHANNEL
    posted: list[dict[str, Any]] = []

    def take(request: Request) -> Response:
        posted.append(request.get_json(silent=True) or request.form.to_dict())
        return Response('{"ok": true}', content_type="application/json")

    httpserver.expect_request("/api/chat.postMessage").respond_with_handler(take)
    incident = _open(now)

    incidents.tell(incident_id=incident.pk, now=now)
    work("periodic")

    (message,) = posted
    assert message["channel"] == make.CHANNEL
    assert message["text"].startswith("P1 ")
    buttons = make.buttons(message)
    assert buttons["acknowledge_incident"] == str(incident.pk)
    assert "ana cuida" in console.press("acknowledge_incident", buttons["acknowledge_incident"])["text"]
    assert "está pausada" in console.press("pause_julia")["text"]


def test_a_drill_runs_in_a_worker_and_its_end_is_told(console: Console) -> None:
    asked = console.say("drill kill_switch_julia")
    begun = console.press("confirm", make.buttons(asked)["confirm"])
    work("console")

    assert begun["text"] == "Leva um pouco; a resposta chega aqui."
    # Without a contact to write to it cannot be judged, and nothing was switched.
    assert console.slack.last()["text"].startswith("🚫 `kill_switch_julia` não pôde ser julgado:")
    assert flags.read().julia_enabled


def test_open_bridges_are_listed_the_oldest_first(console: Console, now: datetime) -> None:
    handoff.switch_on()
    young = handoff.opened(now=now)
    old = handoff.opened(now=now - timedelta(hours=30))

    lines = console.say("handoffs")["text"].splitlines()

    assert lines[0] == "Pontes abertas: 2."
    assert [line.split("`")[1] for line in lines[1:]] == [str(old.pk), str(young.pk)]
    assert "há 30 h" in lines[1]
