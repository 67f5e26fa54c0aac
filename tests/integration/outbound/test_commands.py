"""The terminal's ways in: what they say, and how they refuse."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from canary.models import FeatureFlag, FeatureFlagChange, Incident
from outbound import heartbeats, senders
from outbound.models import Sender
from tests.factories import outbound as make


def run(*arguments: str, **options) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_explain_says_that_nothing_is_in_the_way(outbox_ready):
    doctor = make.contact()

    assert "pode sair" in run("explain", doctor.phone)


def test_explain_names_every_rule_in_the_way_and_what_would_change_it(outbox_ready, now, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    doctor = make.contact(opted_out_at=now, next_allowed_at=now + timedelta(days=2))
    FeatureFlag.objects.filter(key="campaigns").update(value={"enabled": False})

    answer = json.loads(run("explain", doctor.phone, "--json"))
    words = run("explain", doctor.phone)

    assert answer["decision"]["reason"] == "opted_out"
    assert [objection["reason"] for objection in answer["objections"]] == [
        "opted_out",
        "campaigns_disabled",
        "next_allowed_at",
    ]
    assert "killswitch campaigns on" in words


def test_explain_takes_the_phone_in_any_form(outbox_ready):
    make.contact(phone="5531987654321")

    assert "pode sair" in run("explain", "(31) 8765-4321")


@pytest.mark.parametrize("telefone", ["12", "não sei", "5511900000000000"])
def test_explain_refuses_what_is_no_phone(outbox_ready, telefone):
    with pytest.raises(CommandError, match="não é um telefone"):
        run("explain", telefone)


def test_explain_does_not_know_strangers(outbox_ready):
    with pytest.raises(CommandError, match="Nenhum contato"):
        run("explain", "11987650000")


def test_killswitch_leaves_who_why_from_and_to(outbox_ready):
    words = run("killswitch", "julia", "off", "--reason", "mensagens estranhas", "--actor", "ana")

    change = FeatureFlagChange.objects.get()
    assert "DESLIGADO" in words
    assert (change.key, change.before, change.after) == ("julia", {"enabled": True}, {"enabled": False})
    assert (change.actor, change.reason) == ("ana", "mensagens estranhas")
    (event,) = make.events("flag_changed", key="julia")
    assert event.event_props["to"] == {"enabled": False}


def test_killswitch_says_when_it_already_stood_so(outbox_ready):
    run("killswitch", "campaigns", "off", "--reason", "feriado")

    words = run("killswitch", "campaigns", "off", "--reason", "feriado")

    assert "Já estava assim" in words
    assert FeatureFlagChange.objects.count() == 1


@pytest.mark.parametrize("reason", ["", "  ", "ligar para 11 98765-4321"])
def test_killswitch_wants_a_reason_without_personal_data(outbox_ready, reason):
    with pytest.raises(CommandError, match="--reason"):
        run("killswitch", "julia", "off", "--reason", reason)

    assert FeatureFlag.objects.get(key="julia").value == {"enabled": True}


def test_senders_are_registered_listed_and_resumed(outbox_ready):
    Sender.objects.update(stopped_reason="HTTP 401")

    run("senders", "add", "julia-2")
    listed = run("senders", "list")
    resumed = run("senders", "resume", "julia", "--reason", "chave trocada")

    assert "julia-2" in listed
    assert "HTTP 401" in listed
    assert "continua" in resumed
    with pytest.raises(CommandError, match="senders list"):
        run("senders", "resume", "nobody", "--reason", "chave trocada")


@pytest.mark.parametrize("instance", ["julia-2", "5511987654321"])
def test_a_sender_stops_with_one_incident_whatever_its_instance_is_named(outbox_ready, now, instance):
    sender = senders.register(instance=instance)

    for _ in range(2):
        with transaction.atomic():
            senders.stop(sender_id=sender.pk, reason="HTTP 401", now=now)

    incident = Incident.objects.get()
    # A name that is a phone stands in no record.
    assert (incident.kind, incident.subject) == (
        "sender_stopped",
        "julia-2" if instance == "julia-2" else str(sender.pk),
    )


def test_health_is_ok_when_nothing_happened(outbox_ready, now):
    heartbeats.beat(name=heartbeats.WORKER, now=now)

    answer = json.loads(run("health", "--json"))

    assert answer["status"] == "OK"
    assert answer["metrics"]["provider_error_rate"] == {"value": 0.0, "threshold": "< 1%", "ok": True}


def test_health_alerts_when_nothing_drains_the_queue(outbox_ready, now):
    make.queued(make.contact(), now=now - timedelta(minutes=3))

    with pytest.raises(SystemExit) as stopped:
        run("health", "queue_age")

    assert stopped.value.code == 1


def test_health_knows_no_other_metric(outbox_ready):
    with pytest.raises(CommandError, match="duplicates"):
        run("health", "nonsense")
