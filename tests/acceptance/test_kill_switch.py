"""Fase A, Pré-requisitos: "Kill switch Julia | `pausar_julia` via Slack", and the playbook's D2.1 and D2.2.

`pausar_julia` is `killswitch.turn(switch=Switch.JULIA, on=False)`: once it returns no request begins that was not
counted in its answer. `toggle_campanhas off` stops what we begin ourselves and lets answers through.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from outbound import killswitch
from outbound.evolution.sandbox import RunningSandbox
from outbound.killswitch import Switch, SwitchReport
from outbound.methods import Method, Status
from outbound.models import OutboundMessage
from tests.acceptance.conftest import AMPLE_LIMITS
from tests.acceptance.observing import by_reason, by_status, delivered_texts, is_quiet
from tests.factories import outbound as make
from tests.waiting import wait_for

MESSAGES = 300
UNDER_WAY = 30


def _turn(switch: Switch, *, on: bool) -> SwitchReport:
    return killswitch.turn(switch=switch, on=on, actor="ana", reason="teste do playbook", now=datetime.now(UTC))


def test_pausing_julia_under_load_lets_out_only_what_was_in_flight(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any], now: datetime
) -> None:
    sandbox.set_latency(ms=50)
    for _ in range(MESSAGES):
        make.queued(make.contact(), now=now)
    start_workers(2, OUTBOUND_CONCURRENCY="8", OUTBOUND_RATE_LIMITS=AMPLE_LIMITS)
    wait_for(lambda: len(sandbox.requests()) >= UNDER_WAY, what="sending")

    # pausar_julia
    report = _turn(Switch.JULIA, on=False)
    asked_before = len(sandbox.requests())

    wait_for(is_quiet, what="the pause")
    asked_after = len(sandbox.requests())
    assert asked_after - asked_before <= report.in_flight <= 16
    assert asked_after < MESSAGES
    assert by_status() == {"sent": asked_after, "queued": MESSAGES - asked_after}
    assert by_reason(Status.QUEUED) == {"julia_paused": MESSAGES - asked_after}

    # A reply does not pass either.
    inbound = make.inbound(make.contact(), at=datetime.now(UTC))
    make.enqueue(make.reply(inbound), now=datetime.now(UTC))
    wait_for(lambda: by_reason(Status.QUEUED)["julia_paused"] == MESSAGES - asked_after + 1, what="holding the reply")
    assert len(sandbox.requests()) == asked_after

    # retomar_julia
    _turn(Switch.JULIA, on=True)
    wait_for(lambda: by_status() == {"sent": MESSAGES + 1}, seconds=30, what="sending the rest")
    assert set(delivered_texts(sandbox).values()) == {1}
    assert len(sandbox.delivered()) == MESSAGES + 1


def test_switching_campaigns_off_stops_what_we_begin_and_lets_answers_through(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any], now: datetime
) -> None:
    start_workers(1)
    _turn(Switch.CAMPAIGNS, on=False)

    # Proactive messages wait, answers leave.
    waiting = [
        make.queued(make.contact(), now=now, method=method)
        for method in (Method.CAMPAIGN, Method.FOLLOWUP, Method.REACTIVATION)
    ]
    answers = [make.queued(make.contact(), now=now, method=method) for method in (Method.BUTTON, Method.COMMAND)]
    reply = make.reply(make.inbound(make.contact(), at=now - timedelta(minutes=1)))
    make.enqueue(reply, now=now)
    wait_for(lambda: by_status() == {"sent": 3, "queued": 3} and is_quiet(), what="sorting")
    assert set(delivered_texts(sandbox)) == {reply.text, *(answer.text for answer in answers)}
    assert by_reason(Status.QUEUED) == {"campaigns_disabled": 3}

    # toggle_campanhas on
    _turn(Switch.CAMPAIGNS, on=True)
    wait_for(lambda: by_status() == {"sent": 6}, what="sending what waited")
    assert set(delivered_texts(sandbox)) >= {message.text for message in waiting}
    assert len(sandbox.delivered()) == 6


def test_turning_a_switch_says_who_why_from_what_to_what(outbox_ready: None, now: datetime) -> None:
    make.queued(make.contact(), now=now)

    off = _turn(Switch.JULIA, on=False)
    again = _turn(Switch.JULIA, on=False)

    assert (off.is_on, off.changed, off.in_flight, off.waiting) == (False, True, 0, 1)
    assert (again.is_on, again.changed) == (False, False)
    (event,) = make.events("flag_changed")
    assert event.event_props == {
        "key": "julia",
        "from": {"enabled": True},
        "to": {"enabled": False},
        "actor_id": "ana",
        "reason": "teste do playbook",
    }


def test_a_message_that_waits_for_its_retry_is_not_requested_again_once_julia_is_paused(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any], now: datetime
) -> None:
    sandbox.set_faults(["status429:retry_after=2"])
    message = make.queued(make.contact(), now=now)
    start_workers(1)
    wait_for(sandbox.requests, what="the first attempt")

    report = _turn(Switch.JULIA, on=False)

    assert report.in_flight == 1
    wait_for(is_quiet, what="the pause")
    assert len(sandbox.requests()) == 1
    message = OutboundMessage.objects.get(pk=message.pk)
    assert (message.status, message.reason, message.due_at) == ("queued", "julia_paused", None)
