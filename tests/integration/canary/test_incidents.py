"""Incidents: one for a kind and subject however many report it, told once, resolved by a person with a note."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Barrier
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from canary import alerts, incidents
from canary.alerts import Alert
from canary.events import OutsideTransactionError
from canary.incidents import AlreadyResolvedError, Reported
from canary.models import Incident, Severity
from canary.personal_data import PersonalDataError
from tests.factories import outbound as make

MINUTE = timedelta(minutes=1)


@pytest.fixture
def heard(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> list[Alert]:
    """What a listener was told, oldest first."""
    told: list[Alert] = []
    monkeypatch.setattr(alerts, "_listeners", [])
    alerts.on_alert(told.append)
    return told


def report(now: datetime, **changes: Any) -> Reported:
    with transaction.atomic():
        defaults = {
            "kind": "sender_stopped",
            "subject": "julia-2",
            "actor": "system",
            "details": {"reason": "HTTP 401"},
        }
        return incidents.report(**{**defaults, **changes}, now=now)


def resolve(incident_id: int, now: datetime, **changes: Any) -> None:
    incidents.resolve(**{"incident_id": incident_id, "actor": "ana", "note": "chave trocada", "now": now, **changes})


def timeline(incident_id: int) -> list[str]:
    return [line.what for line in Incident.objects.get(pk=incident_id).timeline.all()]


def test_what_is_reported_again_is_one_incident_last_seen_then(heard, now):
    first = report(now)
    again = report(now + MINUTE)

    assert (first.is_new, again.is_new, again.id) == (True, False, first.id)
    incident = Incident.objects.get()
    assert (incident.opened_at, incident.last_seen_at) == (now, now + MINUTE)
    assert (incident.severity, incident.kind, incident.subject) == ("P1", "sender_stopped", "julia-2")
    (event,) = make.events("incident_opened")
    assert event.event_props == {
        "incident_id": first.id,
        "kind": "sender_stopped",
        "subject": "julia-2",
        "severity": "P1",
        "reason": "HTTP 401",
    }
    assert timeline(first.id) == ["opened", "told"]
    assert len(heard) == 1


def test_another_subject_is_another_incident(heard, now):
    assert report(now).is_new
    assert report(now, subject="julia-3").is_new

    assert {alert.subject for alert in heard} == {"julia-2", "julia-3"}


def test_a_late_report_does_not_make_it_seen_earlier(heard, now):
    report(now)
    report(now - MINUTE)

    assert Incident.objects.get().last_seen_at == now


@pytest.mark.parametrize(("then", "severity"), [(Severity.P0, "P0"), (Severity.P3, "P1")])
def test_the_worst_severity_counts(heard, now, then, severity):
    report(now)
    report(now, severity=then)

    assert Incident.objects.get().severity == severity


def test_what_is_rolled_back_is_neither_opened_nor_told(heard, now):
    with transaction.atomic():
        incidents.report(kind="duplicates", actor="system", details={}, now=now)
        transaction.set_rollback(True)

    assert not Incident.objects.exists()
    assert heard == []
    assert make.events("incident_opened") == []


def test_a_report_belongs_to_the_transaction_of_its_fact(transactional_db, now):
    with pytest.raises(OutsideTransactionError):
        incidents.report(kind="duplicates", actor="system", details={}, now=now)


@pytest.mark.parametrize("where", [{"subject": "5511987654321"}, {"details": {"text": "ligue 11 98765-4321"}}])
def test_no_personal_data_gets_into_an_incident(transactional_db, now, where):
    with pytest.raises(PersonalDataError):
        report(now, **where)

    assert not Incident.objects.exists()


def test_an_alert_says_what_it_is_what_to_do_and_why(heard, now):
    report(now)

    (alert,) = heard
    assert alert.severity is Severity.P1
    assert "recusa" in alert.title
    assert "senders resume" in alert.action
    assert alert.details == {"reason": "HTTP 401"}


def test_a_listener_that_fails_hurts_neither_the_fact_nor_the_others(heard, now, monkeypatch, caplog):
    def fail(_alert: Alert) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(alerts, "_listeners", [fail, heard.append])

    report(now)

    assert Incident.objects.exists()
    assert len(heard) == 1
    assert "A listener failed" in caplog.text


def test_what_comes_back_after_it_was_resolved_is_a_new_incident_told_when_the_din_is_over(heard, now):
    first = report(now)
    resolve(first.id, now + MINUTE)

    second = report(now + 2 * MINUTE)
    assert (second.is_new, second.id != first.id) == (True, True)
    assert [alert.incident_id for alert in heard] == [first.id]

    # It is not forgotten.
    incidents.tell_untold(now=now + 9 * MINUTE)
    assert len(heard) == 1
    incidents.tell_untold(now=now + 11 * MINUTE)
    incidents.tell_untold(now=now + 12 * MINUTE)
    assert [alert.incident_id for alert in heard] == [first.id, second.id]


def test_a_p0_is_always_told_at_once(heard, now):
    resolve(report(now, kind="duplicates").id, now)

    report(now + MINUTE, kind="duplicates")

    assert [alert.kind for alert in heard] == ["duplicates", "duplicates"]


def test_an_alert_that_died_with_its_process_is_told_later(heard, now, monkeypatch):
    with monkeypatch.context() as killed:
        killed.setattr(incidents, "tell", lambda **_: None)
        incident = report(now)
    assert heard == []

    incidents.tell_untold(now=now + MINUTE)

    assert [alert.incident_id for alert in heard] == [incident.id]
    assert incidents.tell_untold(now=now + 2 * MINUTE) == 0


def test_resolving_takes_a_person_and_a_note(heard, now):
    incident = report(now)

    for wrong in ({"actor": ""}, {"actor": "system"}, {"note": " "}, {"note": "liguei para 11 98765-4321"}):
        with pytest.raises(ValueError, match=r"\w"):
            resolve(incident.id, now, **wrong)
        assert Incident.objects.get().resolved_at is None
    resolve(incident.id, now + MINUTE)

    row = Incident.objects.get()
    assert (row.resolved_by, row.note, row.resolved_at) == ("ana", "chave trocada", now + MINUTE)
    (event,) = make.events("incident_resolved")
    assert event.event_props["actor_id"] == "ana"
    assert timeline(incident.id) == ["opened", "told", "resolved"]


def test_what_is_resolved_is_resolved_once(heard, now):
    incident = report(now)
    resolve(incident.id, now)

    with pytest.raises(AlreadyResolvedError, match="ana"):
        resolve(incident.id, now, actor="bia")
    with pytest.raises(AlreadyResolvedError):
        incidents.acknowledge(incident_id=incident.id, actor="bia", now=now)
    with pytest.raises(AlreadyResolvedError):
        incidents.note(incident_id=incident.id, actor="bia", text="vi", now=now)

    assert len(make.events("incident_resolved")) == 1


def test_a_clock_that_lags_can_still_resolve(heard, now):
    incident = report(now)

    resolve(incident.id, now - MINUTE)

    assert Incident.objects.get().resolved_at == now


def test_the_first_to_acknowledge_has_it(heard, now):
    incident = report(now)

    assert incidents.acknowledge(incident_id=incident.id, actor="ana", now=now)
    assert not incidents.acknowledge(incident_id=incident.id, actor="bia", now=now)

    assert timeline(incident.id).count("acknowledged") == 1


THREADS = 12


@pytest.fixture
def together() -> Callable[..., list[Any]]:
    """Call something in many threads at the same moment, each with a connection of its own."""
    barrier = Barrier(THREADS)

    def call(function: Callable[[int], Any]) -> list[Any]:
        def one(number: int) -> Any:
            try:
                barrier.wait(timeout=20)
                return function(number)
            finally:
                connection.close()

        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(one, range(THREADS)))

    return call


def test_of_many_reporters_one_opens_it(heard, together):
    reported = together(lambda _: report(datetime.now(UTC)))

    assert sum(one.is_new for one in reported) == 1
    assert len({one.id for one in reported}) == 1
    assert Incident.objects.count() == len(make.events("incident_opened")) == len(heard) == 1


def test_of_many_who_resolve_it_one_does(heard, now, together):
    incident = report(now)

    def try_to(number: int) -> bool:
        try:
            resolve(incident.id, datetime.now(UTC), actor=f"operador-{number}")
        except AlreadyResolvedError:
            return False
        return True

    assert sum(together(try_to)) == 1
    assert len(make.events("incident_resolved")) == 1


def test_reports_and_resolutions_at_once_leave_at_most_one_open_and_each_its_event(heard, together):
    def one(number: int) -> None:
        for _ in range(5):
            reported = report(datetime.now(UTC))
            if number % 3 == 0:
                try:
                    resolve(reported.id, datetime.now(UTC))
                except AlreadyResolvedError:
                    continue

    together(one)

    assert Incident.objects.filter(resolved_at=None).count() <= 1
    assert Incident.objects.count() == len(make.events("incident_opened"))
    assert Incident.objects.exclude(resolved_at=None).count() == len(make.events("incident_resolved")) > 0


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("incidents", *arguments, stdout=out)
    return out.getvalue()


def test_an_operator_lists_shows_takes_and_resolves(heard, now, monkeypatch):
    monkeypatch.setenv("COLUMNS", "220")
    assert "Nenhum incidente aberto" in run("list")
    number = str(report(now).id)

    listed = run("list")
    assert "P1" in listed
    assert "O provedor recusa um número nosso (sender_stopped julia-2)" in listed
    assert "É seu" in run("acknowledge", number, "--actor", "ana")
    assert "Alguém já cuida" in run("acknowledge", number, "--actor", "bia")
    shown = run("show", number)
    assert "senders resume" in shown
    assert "ana cuida dele" in shown
    assert "HTTP 401" in shown
    assert "não ligou nada" in run("resolve", number, "--note", "chave trocada", "--actor", "ana")
    assert "Nenhum incidente aberto" in run("list")
    assert "resolvido por ana: chave trocada" in run("list", "--all")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["show"], "número"),
        (["show", "999999"], "Não existe"),
        (["resolve", "{id}"], "--note"),
        (["resolve", "{id}", "--note", "x", "--actor", "system"], "pessoa"),
        (["resolve", "{id}", "--note", "11 98765-4321"], "telefones"),
    ],
)
def test_the_terminal_refuses_clearly(heard, now, arguments, why):
    number = str(report(now).id)

    with pytest.raises(CommandError, match=why):
        run(*[argument.replace("{id}", number) for argument in arguments])

    assert Incident.objects.get().resolved_at is None


def test_the_terminal_says_who_resolved_it_before(heard, now):
    number = str(report(now).id)
    run("resolve", number, "--note", "chave trocada", "--actor", "ana")

    with pytest.raises(CommandError, match=r"já está resolvido.* ana"):
        run("resolve", number, "--note", "eu também", "--actor", "bia")
