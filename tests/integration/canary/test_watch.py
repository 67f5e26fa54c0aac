"""The watch: a violated metric opens one incident, and what the document says is done, in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import Error, connection, transaction
from django.utils.translation import gettext_lazy

from canary import alerts, events, flags, incidents, metrics
from canary.alerts import Alert
from canary.event_types import EventType
from canary.flag_values import FlagKey
from canary.metrics import Metric, Reading
from canary.models import FeatureFlagChange, Incident, PhaseTransition, Severity
from canary.watch import watch
from outbound import heartbeats
from outbound.dispatcher import Dispatcher
from outbound.evolution.sandbox import RunningSandbox
from outbound.models import OutboundMessage, ProviderMessage, Sender
from tests.factories import outbound as make
from tests.waiting import wait_for

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def heard(sender: Sender, now: datetime, monkeypatch: pytest.MonkeyPatch) -> list[Alert]:
    """A system at 50 % in which nothing is wrong, and what people are told."""
    _set(FlagKey.OUTBOUND_CANARY, pct=50)
    heartbeats.beat(name=heartbeats.WORKER, now=now + 24 * HOUR)
    told: list[Alert] = []
    monkeypatch.setattr(alerts, "_listeners", [told.append])
    return told


def _set(key: FlagKey, **fields: Any) -> None:
    with transaction.atomic():
        flags.switch(key=key, fields=fields, actor="ana", reason="teste", now=datetime.now(UTC))


def leak(sender: Sender, *, at: datetime) -> None:
    """A message that left for somebody who had opted out a minute before."""
    doctor = make.contact(opted_out_at=at - MINUTE)
    message = make.sent_before(doctor, at=at, sender=sender)
    OutboundMessage.objects.filter(pk=message.pk).update(claimed_at=at)


def duplicate(sender: Sender, *, at: datetime) -> None:
    """The provider saw the same text leave twice for the same person."""
    doctor, digest = make.contact(), uuid4()
    for second in (0, 1):
        ProviderMessage.objects.create(
            sender=sender,
            provider_message_id=uuid4().hex,
            cliente_id=doctor.pk,
            text_digest=digest,
            sent_at=at + second * SECOND,
        )


def fallback(_sender: Sender, *, at: datetime) -> None:
    """The deprecated way in was used."""
    with transaction.atomic():
        events.emit([events.Event(type=EventType.OUTBOUND_FALLBACK, at=at, source="outbound")])


def state() -> tuple[bool, int]:
    now = flags.read()
    return now.julia_enabled, now.canary_pct


def timeline(kind: str) -> list[str]:
    return [line.what for line in Incident.objects.get(kind=kind).timeline.all()]


def test_nothing_is_done_about_nothing(now):
    watch(now=now)

    assert state() == (True, 50)
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("go_wrong", "kind", "severity", "then", "did"),
    [
        (leak, "outbound_to_opted_out", "P0", (False, 25), ["julia_paused", "rolled_back", "promotion_held"]),
        (duplicate, "duplicates", "P0", (False, 50), ["julia_paused", "promotion_held"]),
        (fallback, "outbound_fallback", "P2", (True, 50), ["promotion_held"]),
    ],
)
def test_what_is_violated_opens_an_incident_and_is_acted_on(sender, now, heard, go_wrong, kind, severity, then, did):
    go_wrong(sender, at=now - MINUTE)

    watch(now=now)

    incident = Incident.objects.get()
    assert (incident.kind, incident.severity, incident.opened_by) == (kind, severity, "system")
    assert state() == then
    assert timeline(kind) == ["opened", *did, "told"]
    (alert,) = heard
    assert (alert.kind, alert.done, alert.details["value"]) == (kind, tuple(did), 1)
    assert alert.incident_id == incident.pk
    # Who and why stand in the history of the switches, and of the phases.
    for change in FeatureFlagChange.objects.filter(actor="system"):
        assert change.reason == f"incident {incident.pk}: {kind}"
    transitions = PhaseTransition.objects.values_list("from_pct", "to_pct", "actor")
    assert list(transitions) == ([(50, 25, "system")] if kind == "outbound_to_opted_out" else [])


def test_it_acts_once_and_not_with_every_look(sender, now, heard):
    leak(sender, at=now - MINUTE)

    for seconds in (0, 30, 60):
        watch(now=now + seconds * SECOND)

    assert state() == (False, 25)
    assert Incident.objects.get().last_seen_at == now + 60 * SECOND
    assert timeline("outbound_to_opted_out").count("julia_paused") == 1
    assert len(heard) == 1


def test_a_julia_whom_an_operator_resumed_is_left_alone_until_there_is_new_evidence(sender, now, heard):
    leak(sender, at=now - MINUTE)
    watch(now=now)

    _set(FlagKey.JULIA, enabled=True)
    watch(now=now + MINUTE)
    assert state() == (True, 25)

    leak(sender, at=now + 2 * MINUTE)
    watch(now=now + 3 * MINUTE)
    assert state() == (False, 10)
    assert timeline("outbound_to_opted_out") == [
        "opened", "julia_paused", "rolled_back", "promotion_held", "told",
        "grew", "julia_paused", "rolled_back", "promotion_held", "told",
    ]  # fmt: skip
    assert [alert.details["value"] for alert in heard] == [1, 2]


def test_what_was_in_flight_when_she_was_paused_shrinks_nothing_further(sender, now, heard):
    leak(sender, at=now - MINUTE)
    watch(now=now)

    leak(sender, at=now - SECOND)
    watch(now=now + 30 * SECOND)
    assert state() == (False, 25)

    # And is old evidence for whoever resumes her after looking at it.
    _set(FlagKey.JULIA, enabled=True)
    watch(now=now + MINUTE)
    assert state() == (True, 25)


def test_evidence_that_was_resolved_is_not_held_against_her_again(sender, now):
    leak(sender, at=now - MINUTE)
    watch(now=now)
    incident = Incident.objects.get()
    incidents.resolve(incident_id=incident.pk, actor="ana", note="contato de teste", now=now + MINUTE)
    _set(FlagKey.JULIA, enabled=True)

    watch(now=now + 2 * MINUTE)
    assert state() == (True, 25)
    assert Incident.objects.count() == 1

    leak(sender, at=now + 3 * MINUTE)
    watch(now=now + 4 * MINUTE)
    assert state() == (False, 10)
    assert Incident.objects.count() == 2


def test_a_watch_that_was_away_for_hours_still_finds_it(sender, now):
    leak(sender, at=now - 20 * HOUR)

    watch(now=now)

    assert state() == (False, 25)


@pytest.mark.parametrize(("pct", "then"), [(100, 50), (25, 10), (10, 0), (0, 0)])
def test_a_leak_goes_back_one_phase_from_wherever_we_are(sender, now, pct, then):
    _set(FlagKey.OUTBOUND_CANARY, pct=pct)
    leak(sender, at=now - MINUTE)

    watch(now=now)

    assert state() == (False, then)


def test_if_the_switch_cannot_be_turned_there_is_no_incident_that_says_so(sender, now, monkeypatch):
    leak(sender, at=now - MINUTE)

    def refuse(_change: Any) -> None:
        raise Error("no")

    with monkeypatch.context() as broken:
        broken.setattr(flags, "_listeners", [refuse])
        watch(now=now)
    assert not Incident.objects.exists()
    assert state() == (True, 50)

    watch(now=now + 30 * SECOND)
    assert state() == (False, 25)


def test_a_metric_that_cannot_be_read_hides_no_other(sender, now, monkeypatch, caplog):
    def fail(_window: Any) -> Reading:
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM no_such_table")
        raise AssertionError

    broken = Metric(name="broken", threshold="= 0", severity=Severity.P0, action=gettext_lazy("OK"), read=fail)
    monkeypatch.setattr(metrics, "_metrics", {"broken": broken, **metrics._metrics})
    duplicate(sender, at=now - MINUTE)

    watch(now=now)

    assert state() == (False, 50)
    assert "broken" in caplog.text


def test_sends_in_doubt_are_no_incident_while_they_settle_by_themselves(sender, now):
    message = make.sent_before(make.contact(), at=now - MINUTE, sender=sender)
    OutboundMessage.objects.filter(pk=message.pk).update(status="unknown")

    watch(now=now)

    assert not Incident.objects.exists()


def test_any_number_of_watches_at_once_act_once(sender, now, heard):
    leak(sender, at=now - MINUTE)
    watchers = 8
    barrier = Barrier(watchers)

    def one(_number: int) -> None:
        try:
            barrier.wait(timeout=20)
            watch(now=now)
        finally:
            connection.close()

    with ThreadPoolExecutor(watchers) as pool:
        list(pool.map(one, range(watchers)))

    assert state() == (False, 25)
    assert Incident.objects.count() == PhaseTransition.objects.count() == len(heard) == 1


def test_an_open_circuit_is_an_incident_that_stops_promotion_and_nothing_else(
    make_dispatcher: Callable[..., Dispatcher], sandbox: RunningSandbox, now: datetime
) -> None:
    sandbox.set_faults(["status503"])
    for _ in range(6):
        make.queued(make.contact(), now=now, method="manual")
    make_dispatcher().drain(seconds=5)

    watch(now=datetime.now(UTC))

    incident = Incident.objects.get(kind="circuit_open")
    assert incident.severity == "P1"
    assert timeline("circuit_open") == ["opened", "promotion_held", "told"]
    assert timeline("provider_error_rate") == ["opened", "promotion_held", "told"]
    assert state() == (True, 50)


def test_cron_and_a_worker_pause_julia_within_a_minute_of_the_evidence(
    sender: Sender, start_process: Callable[..., Any], sandbox: RunningSandbox
) -> None:
    start_process("rqworker", "periodic", "dispatch")
    start_process("rqcron", "julia.cron")
    leak(sender, at=datetime.now(UTC))

    wait_for(lambda: state() == (False, 25), seconds=60, what="the pause")
