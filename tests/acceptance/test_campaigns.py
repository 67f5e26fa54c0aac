"""Issue 8, Campaigns: with a real worker, a pause is obeyed within a second, a cancellation takes back what waits, late
switches apply to what waits, and who is killed while feeding leaves nobody out and writes to nobody twice.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from outbound import killswitch
from outbound.campaigns import control, results, tick
from outbound.evolution.sandbox import RunningSandbox
from outbound.killswitch import Switch
from outbound.methods import CampaignState, Status
from outbound.models import Campaign, CampaignRecipient, OutboundMessage, Sender
from tests.acceptance.conftest import AMPLE_LIMITS
from tests.acceptance.observing import by_reason, by_status, is_quiet
from tests.factories import campaigns as make_campaign
from tests.factories.campaigns import WHO, crowd
from tests.waiting import wait_for

PEOPLE = 400
UNDER_WAY = 30
AMPLE = {"OUTBOUND_CONCURRENCY": "8", "OUTBOUND_RATE_LIMITS": AMPLE_LIMITS}


def _under_way(sandbox: RunningSandbox, start_workers: Callable[..., Any]) -> Campaign:
    """A campaign of which some have left and most wait."""
    sandbox.set_latency(ms=50)
    crowd(PEOPLE)
    campaign = make_campaign.running(now=datetime.now(UTC))
    make_campaign.feed(campaign)
    start_workers(1, **AMPLE)
    wait_for(lambda: len(sandbox.requests()) >= UNDER_WAY, what="sending")
    return campaign


def _heard(sandbox: RunningSandbox) -> Counter[str]:
    return Counter(message.number for message in sandbox.delivered())


def test_a_pause_is_obeyed_within_a_second_and_resuming_sends_the_rest_once(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any]
) -> None:
    campaign = _under_way(sandbox, start_workers)

    # Pause.
    began = time.monotonic()
    report = control.pause(campaign_id=campaign.pk, now=datetime.now(UTC), **WHO)
    took = time.monotonic() - began
    asked_before = len(sandbox.requests())

    wait_for(is_quiet, what="the pause")
    asked_after = len(sandbox.requests())
    assert took < 1.0
    assert asked_after - asked_before <= report.in_flight
    assert asked_after < PEOPLE
    assert by_reason(Status.QUEUED) == {"campaign_paused": PEOPLE - asked_after}

    # Resume.
    control.resume(campaign_id=campaign.pk, now=datetime.now(UTC), **WHO)
    wait_for(lambda: by_status() == {"sent": PEOPLE}, what="sending the rest")
    assert len(sandbox.delivered()) == len(sandbox.requests()) == PEOPLE


def test_a_cancellation_takes_back_what_waits(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any]
) -> None:
    campaign = _under_way(sandbox, start_workers)

    report = control.cancel(campaign_id=campaign.pk, now=datetime.now(UTC), **WHO)
    asked_before = len(sandbox.requests())

    wait_for(is_quiet, what="the end")
    assert len(sandbox.requests()) - asked_before <= report.in_flight
    assert by_status() == {"sent": PEOPLE - report.moved, "blocked": report.moved}
    assert by_reason(Status.BLOCKED) == {"campaign_cancelled": report.moved}


def test_a_late_switch_applies_to_what_waits(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any]
) -> None:
    campaign = _under_way(sandbox, start_workers)

    def turn(*, on: bool) -> None:
        killswitch.turn(switch=Switch.CAMPAIGNS, on=on, actor="ana", reason="teste", now=datetime.now(UTC))

    turn(on=False)
    wait_for(is_quiet, what="the switch")
    held = by_reason(Status.QUEUED)
    assert held == {"campaigns_disabled": PEOPLE - by_status()["sent"]}
    assert Campaign.objects.get().state == CampaignState.RUNNING
    turn(on=True)
    wait_for(lambda: by_status() == {"sent": PEOPLE}, what="sending the rest")
    assert results.progress(campaign.pk).settled == PEOPLE


def test_who_is_killed_while_feeding_leaves_nobody_out_and_doubles_nobody(
    outbox_ready: None, sandbox: RunningSandbox, start_process: Callable[..., Any], start_workers: Callable[..., Any]
) -> None:
    people = 5000
    crowd(people)
    now = datetime.now(UTC)
    campaign = make_campaign.draft(now=now, ends_at=now + timedelta(hours=5))

    # Killed in the middle.
    feeder = start_process("campaigns", "start", campaign.name, "--reason", "teste", "--actor", "ana")
    wait_for(OutboundMessage.objects.exists, what="the first chunk")
    feeder.send_signal(signal.SIGKILL)
    wait_for(lambda: feeder.poll() is not None, what="the end of the feeder")
    fed = OutboundMessage.objects.count()
    assert 0 < fed < people
    assert CampaignRecipient.objects.filter(fed_at__isnull=False).count() == fed

    # The periodic look goes on after it, and looking twice changes nothing.
    for _ in range(2):
        tick(clock=lambda: datetime.now(UTC))

    assert OutboundMessage.objects.values("contact").distinct().count() == people
    assert OutboundMessage.objects.count() == people


def test_the_same_campaign_to_the_same_people_reaches_them_once(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any], now: datetime
) -> None:
    Sender.objects.get()
    people = crowd(50)
    first, second = make_campaign.running(*people, now=now), make_campaign.running(*people, now=now)
    for campaign in (first, second, first, second):
        make_campaign.feed(campaign)

    start_workers(2, **AMPLE)
    wait_for(lambda: by_status() == {"sent": 50}, what="sending")

    assert len(sandbox.delivered()) == 50
    assert set(_heard(sandbox).values()) == {1}
    assert results.progress(second.pk).left_out == {"already_received": 50}
