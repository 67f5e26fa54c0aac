"""Fase D, D2: "Playbook de Incidentes": the four drills on a running system, with a real worker and provider.

Whatever becomes of a drill, the switches stand as they were found, or as a person wanted them meanwhile.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction

from canary import drills, flags
from canary.drills import DrillImpossibleError, DrillRunningError, Outcome, TakenOverError
from canary.flag_values import FlagKey
from canary.jobs import watch
from canary.models import Drill, FeatureFlag, FeatureFlagChange, Incident, PhaseTransition
from outbound import drills as outbound_drills
from outbound import killswitch
from outbound.drills import DRILL_CONTACT
from outbound.evolution.sandbox import RunningSandbox
from outbound.guardrails.business_hours import BusinessHours
from outbound.killswitch import Switch
from outbound.models import Contact, OutboundMessage
from tests.factories import outbound as make
from tests.waiting import wait_for

PHONE = "5511970000000"
FOUND = {"julia_enabled": True, "campaigns_enabled": True, "canary_pct": 100}
ALL = ["kill_switch_julia", "kill_switch_campaigns", "rollback_canary", "bypass"]


@pytest.fixture(autouse=True)
def drill_phone(settings: Any, outbox_ready: None) -> None:
    settings.DRILL_PHONE = PHONE
    get_user_model().objects.create_user("ana", is_staff=True)


@pytest.fixture
def ready_worker(worker: Any, now: datetime) -> None:
    """A worker that has begun to work, however long a busy machine takes to start it; nobody else heard of it."""
    message = make.queued(make.contact(), now=now)
    wait_for(OutboundMessage.objects.filter(pk=message.pk, status="sent").exists, seconds=180, what="the worker")


def _run(name: str, on_step: Callable[..., None] = lambda *_: None) -> Outcome:
    return drills.run(name=name, actor="ana", clock=lambda: datetime.now(UTC), on_step=on_step)


def _switches() -> dict[str, Any]:
    now = flags.read()
    return {name: getattr(now, name) for name in FOUND}


def _steps(drill: Drill) -> list[str]:
    return [step["what"] for step in drill.evidence["steps"]]


@pytest.mark.parametrize(
    ("name", "sent", "steps"),
    [
        ("kill_switch_julia", 1, ["switched", "queued", "stopped", "nothing_left", "put_back", "sent"]),
        (
            "kill_switch_campaigns",
            2,
            ["switched", "queued", "queued", "stopped", "passed_through", "nothing_left", "put_back", "sent"],
        ),
        ("rollback_canary", 1, ["switched", "queued", "stopped", "nothing_left", "put_back", "sent"]),
        ("bypass", 1, ["queued", "refused", "queued", "sent", "bypassed"]),
    ],
)
def test_a_drill_stops_goes_on_and_leaves_everything_as_it_was(
    name: str, sent: int, steps: list[str], ready_worker: None, sandbox: RunningSandbox
) -> None:
    before = len(sandbox.delivered())

    outcome = _run(name)

    drill = Drill.objects.get(pk=outcome.drill_id)
    assert (outcome.passed, drill.passed, drill.actor, drill.pct) == (True, True, "ana", 100)
    assert _steps(drill) == steps
    assert _switches() == FOUND
    # Nobody but the drill contact heard of it, and nobody writes to that one until the next drill.
    assert [message.number for message in sandbox.delivered(since_index=before)] == [PHONE] * sent
    assert Contact.objects.get(pk=DRILL_CONTACT).opted_out_at is not None
    (event,) = make.events("drill_run", drill=name)
    assert event.event_props["outcome"] == "passed"
    assert not Incident.objects.exists()


def test_all_drills_pass_one_after_the_other_in_the_terminal(ready_worker: None, capsys: Any) -> None:
    call_command("drill", "all", "--actor", "ana")

    written = capsys.readouterr().out
    assert written.count("PASSOU") == 4
    assert "o que ela não para saiu" in written
    assert set(Drill.objects.filter(passed=True).values_list("name", flat=True)) == set(ALL)


def test_the_history_says_who_and_why_and_that_it_was_a_drill(ready_worker: None) -> None:
    found = FeatureFlag.objects.values().get(key="julia")

    outcome = _run("kill_switch_julia")

    # Who turned it last, but for the drill, and when: as it was found.
    assert FeatureFlag.objects.values().get(key="julia") == found
    off, on = FeatureFlagChange.objects.filter(key="julia").order_by("id")
    assert (off.after, on.after) == ({"enabled": False}, {"enabled": True})
    assert {off.actor, on.actor} == {"ana"}
    assert off.reason == f"drill {outcome.drill_id} (kill_switch_julia)"
    assert on.reason == f"drill {outcome.drill_id} (kill_switch_julia): put back"


def test_a_drill_changes_the_percentage_and_not_the_phase(ready_worker: None) -> None:
    _run("rollback_canary")

    changes = FeatureFlagChange.objects.filter(key="outbound_canary").order_by("id").values_list("after", flat=True)
    assert list(changes) == [{"pct": 9}, {"pct": 100}]
    assert not PhaseTransition.objects.exists()


def _no_phone(settings: Any) -> None:
    settings.DRILL_PHONE = ""


def _a_doctors_phone(_settings: Any) -> None:
    make.contact(phone=PHONE)


def _julia_is_paused(_settings: Any) -> None:
    _turn(Switch.JULIA, on=False)


def _closed(settings: Any) -> None:
    # Open for one minute of a day that is not today.
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).strftime("%a").lower()
    settings.BUSINESS_HOURS = BusinessHours.parse(f"{tomorrow} 08:00-08:01")


def _outside_the_canary(_settings: Any, pct: int = 9) -> None:
    with transaction.atomic():
        flags.switch(
            key=FlagKey.OUTBOUND_CANARY, fields={"pct": pct}, actor="bia", reason="teste", now=datetime.now(UTC)
        )


def _actor_is_nobody(_settings: Any) -> None:
    get_user_model().objects.update(is_active=False)


@pytest.mark.parametrize(
    ("hinder", "name", "why"),
    [
        (_no_phone, "kill_switch_julia", "DRILL_PHONE"),
        (_a_doctors_phone, "kill_switch_julia", "contato de verdade"),
        (_julia_is_paused, "kill_switch_julia", "pausada"),
        (_closed, "kill_switch_campaigns", "horário"),
        (_outside_the_canary, "rollback_canary", "canary"),
        (_actor_is_nobody, "bypass", "operador"),
    ],
)
def test_what_could_prove_nothing_is_not_begun(
    hinder: Callable[..., None], name: str, why: str, sandbox: RunningSandbox, settings: Any
) -> None:
    hinder(settings)
    found = _switches()
    changes = FeatureFlagChange.objects.count()

    with pytest.raises(DrillImpossibleError, match=why):
        _run(name)

    assert _switches() == found
    assert FeatureFlagChange.objects.count() == changes
    # It was no try: an earlier pass stands.
    assert not Drill.objects.exists()
    assert make.events("drill_run") == []
    assert not Incident.objects.exists()
    assert not OutboundMessage.objects.exists()


def test_without_a_worker_a_drill_fails_and_people_are_called(monkeypatch: Any, sandbox: RunningSandbox) -> None:
    monkeypatch.setattr("outbound.drills.STOPPED_WITHIN", timedelta(seconds=0.3))

    outcome = _run("kill_switch_julia")

    assert outcome.passed is False
    assert "worker" in outcome.problem
    assert _switches() == FOUND
    incident = Incident.objects.get()
    assert (incident.kind, incident.subject, incident.severity) == ("drill_failed", "kill_switch_julia", "P1")
    # What it had enqueued does not go out later.
    assert OutboundMessage.objects.get().status == "blocked"


def _ignoring_worker(message: OutboundMessage) -> None:
    """A worker that sends although it must not."""
    OutboundMessage.objects.filter(pk=message.pk).update(status="sent", sent_at=datetime.now(UTC))


def _worker_that_leaks(message: OutboundMessage) -> None:
    """A worker that holds the drill's message, and sends another."""
    OutboundMessage.objects.filter(pk=message.pk).update(reason="julia_paused", due_at=None)
    other = make.queued(make.contact(), now=datetime.now(UTC))
    OutboundMessage.objects.filter(pk=other.pk).update(
        status="sent", sent_at=datetime.now(UTC), claimed_at=datetime.now(UTC)
    )


@pytest.mark.parametrize(
    ("worker_does", "problem"), [(_ignoring_worker, r"sent \(-\)"), (_worker_that_leaks, "1 mensagens")]
)
def test_a_switch_that_does_not_stop_what_it_should_fails_the_drill(
    worker_does: Callable[..., None], problem: str, sandbox: RunningSandbox
) -> None:
    def on_step(step: str, _details: Any) -> None:
        if step == "queued":
            worker_does(OutboundMessage.objects.get())

    outcome = _run("kill_switch_julia", on_step)

    assert outcome.passed is False
    assert re.search(problem, outcome.problem)
    assert _switches() == FOUND


def _turn(switch: Switch, *, on: bool) -> None:
    killswitch.turn(switch=switch, on=on, actor="bia", reason="mensagens estranhas", now=datetime.now(UTC))


@pytest.mark.parametrize("on", [False, True])
def test_what_somebody_says_of_the_switch_meanwhile_stands(
    ready_worker: None,
    *,
    on: bool,
) -> None:
    def on_step(step: str, _details: Any) -> None:
        if step == "stopped":
            _turn(Switch.JULIA, on=on)

    with pytest.raises(TakenOverError):
        _run("kill_switch_julia", on_step)

    # Off, it stood so already: the drill would have put it back on.
    assert flags.read().julia_enabled is on
    drill = Drill.objects.get()
    assert drill.passed is None
    assert {"left_alone", "taken_over"} <= set(_steps(drill))


def test_one_drill_runs_at_a_time(ready_worker: None) -> None:
    refused = []

    def on_step(step: str, _details: Any) -> None:
        if step == "switched":
            with pytest.raises(DrillRunningError) as caught:
                _run("kill_switch_campaigns")
            refused.append(caught.value)

    outcome = _run("kill_switch_julia", on_step)

    assert outcome.passed
    assert len(refused) == 1
    assert Drill.objects.count() == 1


@pytest.fixture
def drill_in_the_middle(start_process: Callable[..., Any], sandbox: RunningSandbox) -> Iterator[Any]:
    """A drill process that has paused Julia, and waits for a worker that is not there."""
    process = start_process("drill", "kill_switch_julia", "--actor", "ana", DRILL_PHONE=PHONE)
    wait_for(Drill.objects.filter(evidence__steps__1__what="queued").exists, seconds=120, what="the drill")
    assert flags.read().julia_enabled is False
    yield process
    process.wait(timeout=120)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_drill_puts_back_what_it_found(number: int, drill_in_the_middle: Any) -> None:
    drill_in_the_middle.send_signal(number)

    assert drill_in_the_middle.wait(timeout=120) == 1
    assert _switches() == FOUND
    drill = Drill.objects.get()
    assert (drill.passed, drill.ended_at is not None) == (None, True)
    assert _steps(drill) == ["switched", "queued", "put_back", "interrupted"]
    assert OutboundMessage.objects.get().status == "blocked"


@pytest.mark.parametrize("somebody_paused", [False, True])
def test_a_drill_that_was_killed_is_noticed_and_undone_by_the_watch(
    drill_in_the_middle: Any, *, somebody_paused: bool
) -> None:
    drill_in_the_middle.kill()
    drill_in_the_middle.wait(timeout=120)
    if somebody_paused:
        _turn(Switch.JULIA, on=False)

    # Nobody may think it dead while it might live.
    watch()
    assert flags.read().julia_enabled is False
    drills.recover(now=datetime.now(UTC) + timedelta(seconds=31))

    # What a person wants off stays off.
    assert flags.read().julia_enabled is not somebody_paused
    drill = Drill.objects.get()
    assert (drill.passed, drill.ended_at is not None) == (None, True)
    assert _steps(drill) == ["switched", "queued", "left_alone" if somebody_paused else "put_back", "cut_off"]
    incident = Incident.objects.get(kind="drill_cut_off")
    assert (incident.severity, incident.subject) == ("P2", "kill_switch_julia")
    assert OutboundMessage.objects.get().status == "blocked"
    # The next one can run.
    assert drills.recover(now=datetime.now(UTC) + timedelta(seconds=60)) == 0


def test_a_frozen_drill_that_wakes_up_late_changes_nothing(drill_in_the_middle: Any) -> None:
    os.kill(drill_in_the_middle.pid, signal.SIGSTOP)
    drills.recover(now=datetime.now(UTC) + timedelta(seconds=31))
    assert _switches() == FOUND
    _turn(Switch.JULIA, on=False)
    changes = FeatureFlagChange.objects.count()

    os.kill(drill_in_the_middle.pid, signal.SIGCONT)

    assert drill_in_the_middle.wait(timeout=120) == 1
    assert flags.read().julia_enabled is False
    assert FeatureFlagChange.objects.count() == changes


def test_a_percentage_that_somebody_lowered_in_the_last_moment_is_not_raised(
    sandbox: RunningSandbox, monkeypatch: Any
) -> None:
    allowed = outbound_drills._require_allowed

    def overtaken(*arguments: Any) -> Any:
        decision = allowed(*arguments)
        _outside_the_canary(None, pct=0)
        return decision

    monkeypatch.setattr(outbound_drills, "_require_allowed", overtaken)

    with pytest.raises(DrillImpossibleError, match="já está"):
        _run("rollback_canary")

    assert flags.read().canary_pct == 0
