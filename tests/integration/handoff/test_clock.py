"""Follow-ups after 2, 24 and 36 h and the end after 48 h, each once, however late and however often the clock ticks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection, transaction

from canary.metrics import Window
from handoff import expiry, followups, metrics, switch, witness
from handoff.models import ExternalHandoff
from handoff.states import Decision
from handoff.steps import FOLLOWUP_STEPS, Step
from outbound import contacts
from outbound.dispatcher import Dispatcher
from outbound.evolution.sandbox import RunningSandbox
from outbound.guardrails.business_hours import SAO_PAULO, BusinessHours
from outbound.models import OutboundMessage
from tests.factories import handoff as bridges
from tests.factories import outbound as make

H = timedelta(hours=1)
TICK = timedelta(microseconds=1)
WORKING_HOURS = BusinessHours.parse("mon-fri 08:00-20:00")
# 2026-11-23 is a Monday.
MONDAY = datetime(2026, 11, 23, tzinfo=SAO_PAULO)


@pytest.fixture(autouse=True)
def ready(outbox_ready: None) -> None:
    bridges.switch_on()


def tick(at: datetime) -> None:
    """What the job does."""
    expiry.expire_due(now=at)
    witness.look(now=at)
    followups.send_due(now=at)


def asked_again(handoff: ExternalHandoff) -> list[str]:
    return list(handoff.messages.filter(step__in=FOLLOWUP_STEPS).order_by("pk").values_list("step", flat=True))


def test_the_request_that_left_makes_a_bridge_contacted_once(now: datetime) -> None:
    handoff = bridges.asked(now=now)

    for _ in range(3):
        tick(now + timedelta(seconds=10))

    handoff.refresh_from_db()
    assert (handoff.status, handoff.contacted_at) == ("contacted", now)
    assert len(make.events("handoff_contacted")) == 1


def test_follow_ups_go_out_at_their_time_each_once(now: datetime) -> None:
    handoff = bridges.contacted(now=now)
    seen = {}

    for at in (2 * H - TICK, 2 * H, 3 * H, 24 * H - TICK, 24 * H, 36 * H - TICK, 36 * H, 40 * H, 48 * H - TICK):
        tick(now + at)
        tick(now + at)
        bridges.mark_sent(handoff, at=now + at)
        seen[at] = asked_again(handoff)

    assert list(seen.values()) == [
        [],
        ["followup_2h"],
        ["followup_2h"],
        ["followup_2h"],
        ["followup_2h", "followup_24h"],
        ["followup_2h", "followup_24h"],
        ["followup_2h", "followup_24h", "followup_36h"],
        ["followup_2h", "followup_24h", "followup_36h"],
        ["followup_2h", "followup_24h", "followup_36h"],
    ]
    tick(now + 48 * H - TICK)
    assert [event.event_props["step"] for event in make.events("handoff_followup_sent")] == seen[36 * H]
    text = bridges.message(handoff, Step.FOLLOWUP_2H).text
    assert "Alguma novidade" in text
    assert text.count("/handoff/confirm?t=") == 2


def test_a_clock_that_comes_late_asks_once_and_not_for_every_hour_it_missed(now: datetime) -> None:
    handoff = bridges.contacted(now=now)

    tick(now + 25 * H)

    assert asked_again(handoff) == ["followup_24h"]


def test_twenty_clocks_at_once_ask_once_and_end_once(now: datetime) -> None:
    handoff = bridges.contacted(now=now)

    def at_once(at: datetime) -> None:
        together = Barrier(20)

        def one(_: int) -> None:
            together.wait()
            try:
                tick(at)
            finally:
                connection.close()

        with ThreadPoolExecutor(20) as pool:
            list(pool.map(one, range(20)))

    at_once(now + 2 * H)
    assert asked_again(handoff) == ["followup_2h"]
    at_once(now + 48 * H)
    assert len(make.events("handoff_expired")) == 1
    assert handoff.messages.filter(step=Step.DOCTOR_OUTCOME).count() == 1


def test_at_48_hours_the_bridge_expires_the_vaga_opens_and_the_doctor_is_told(now: datetime) -> None:
    handoff = bridges.contacted(now=now)

    tick(now + 48 * H - TICK)
    handoff.refresh_from_db()
    assert handoff.status == "contacted"
    tick(now + 48 * H)

    handoff.refresh_from_db()
    handoff.vaga.refresh_from_db()
    assert (handoff.status, handoff.ended_via, handoff.vaga.status) == ("expired", "clock", "aberta")
    told = bridges.message(handoff, Step.DOCTOR_OUTCOME)
    assert (told.contact_id, told.method) == (handoff.doctor_id, "command")
    assert "não respondeu a tempo" in told.text


@pytest.mark.parametrize("how", ["confirmed", "not_confirmed", "expired"])
def test_what_waits_is_cancelled_in_the_transaction_that_ends_the_bridge(now: datetime, how: str) -> None:
    handoff = bridges.contacted(now=now)
    tick(now + 2 * H)
    waiting = bridges.message(handoff, Step.FOLLOWUP_2H)
    assert waiting.status == "queued"

    if how == "expired":
        ExternalHandoff.objects.update(expires_at=now + 3 * H)
        tick(now + 3 * H)
    else:
        bridges.decided(handoff, Decision(how), now=now + 3 * H)

    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason, waiting.due_at) == ("blocked", "bridge_ended", None)
    (event,) = make.events("outbound_blocked", block_reason="bridge_ended")
    assert event.event_props["message_id"] == str(waiting.pk)
    tick(now + 25 * H)
    assert asked_again(handoff) == ["followup_2h"]


@pytest.mark.parametrize("status", ["sending", "unknown"])
def test_what_was_being_sent_when_the_bridge_ended_is_not_sent_once_more(
    now: datetime, status: str, dispatcher: Dispatcher, sandbox: RunningSandbox
) -> None:
    handoff = bridges.contacted(now=now - 3 * H)
    tick(now)
    followup = bridges.message(handoff, Step.FOLLOWUP_2H)
    in_flight = {"status": status, "claim_id": uuid4(), "lease_until": now, "attempted_at": now, "due_at": None}
    OutboundMessage.objects.filter(pk=followup.pk).update(**in_flight)

    bridges.decided(handoff, Decision.CONFIRMED, now=now)
    # It turns out that it had not left: what does not leave goes back to the queue.
    OutboundMessage.objects.filter(pk=followup.pk).update(status="queued", attempted_at=None, due_at=now)
    dispatcher.drain(seconds=3)

    followup.refresh_from_db()
    assert (followup.status, followup.reason) == ("failed", "expired")
    assert followup.text not in {message.text for message in sandbox.delivered()}
    assert len(sandbox.delivered()) == 2


def test_what_is_cancelled_in_a_transaction_that_fails_still_goes_out(now: datetime) -> None:
    handoff = bridges.contacted(now=now)
    tick(now + 2 * H)

    with transaction.atomic():
        bridges.decided(handoff, Decision.CONFIRMED, now=now + 3 * H)
        transaction.set_rollback(True)

    handoff.refresh_from_db()
    assert handoff.status == "contacted"
    assert bridges.message(handoff, Step.FOLLOWUP_2H).status == "queued"


def test_a_follow_up_due_at_night_goes_out_in_the_morning_and_none_after_the_end(
    settings: Any, dispatcher: Dispatcher, sandbox: RunningSandbox
) -> None:
    settings.BUSINESS_HOURS = WORKING_HOURS
    begun = MONDAY.replace(hour=19).astimezone(UTC)
    handoff = bridges.contacted(now=begun)

    # Due at 21:00.
    tick(begun + 2 * H)
    _drain_at(dispatcher, begun + 2 * H)
    followup = bridges.message(handoff, Step.FOLLOWUP_2H)
    assert (followup.status, followup.reason) == ("queued", "quiet_hours")
    assert followup.due_at == MONDAY + timedelta(days=1, hours=8)
    assert sandbox.delivered() == []

    # To the microsecond.
    _drain_at(dispatcher, (MONDAY + timedelta(days=1, hours=8)).astimezone(UTC) - TICK)
    assert sandbox.delivered() == []
    _drain_at(dispatcher, (MONDAY + timedelta(days=1, hours=8)).astimezone(UTC))
    assert [message.text for message in sandbox.delivered()] == [followup.text]


def _drain_at(dispatcher: Dispatcher, at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        dispatcher.drain(seconds=2)


def test_while_the_switch_is_off_follow_ups_wait_and_deciding_and_expiring_go_on(
    now: datetime, dispatcher: Dispatcher, sandbox: RunningSandbox
) -> None:
    first, second, third = (bridges.contacted(now=now - 3 * H, shift=bridges.vaga()) for _ in range(3))
    switch.turn_off(actor="ana", reason="teste", now=now)

    tick(now)
    bridges.decided(first, Decision.CONFIRMED, now=now)
    ExternalHandoff.objects.filter(pk=second.pk).update(expires_at=now)
    tick(now)
    dispatcher.drain(seconds=3)

    # Whoever is told how it ended is told, the one who would be asked again is not.
    assert len(sandbox.delivered()) == 4
    waiting = bridges.message(third, Step.FOLLOWUP_2H)
    assert (waiting.status, waiting.reason) == ("queued", "external_handoff_disabled")

    switch.turn_on(pct=10, actor="ana", reason="teste", now=now)
    dispatcher.drain(seconds=3)
    assert bridges.message(third, Step.FOLLOWUP_2H).status == "sent"


def test_a_divulgador_who_opts_out_meanwhile_is_left_alone_and_a_person_is_called(now: datetime) -> None:
    handoff = bridges.contacted(now=now)
    tick(now + 2 * H)
    assert bridges.message(handoff, Step.FOLLOWUP_2H).status == "queued"

    with transaction.atomic():
        contacts.opt_out(contact_id=handoff.divulgador_id, actor="ana", reason="pediu", now=now)
    tick(now + 3 * H)
    tick(now + 25 * H)

    handoff.refresh_from_db()
    handoff.vaga.refresh_from_db()
    assert (handoff.status, handoff.note, handoff.vaga.status) == (
        "manual_required",
        "divulgador_opted_out",
        "reservada",
    )
    assert asked_again(handoff) == ["followup_2h"]
    assert bridges.message(handoff, Step.FOLLOWUP_2H).status == "blocked"
    assert len(make.events("handoff_manual_required")) == 1


def test_a_request_that_cannot_be_sent_calls_a_person(now: datetime) -> None:
    handoff = bridges.opened(now=now)
    request = handoff.messages.get(step=Step.REQUEST).message_id
    OutboundMessage.objects.filter(pk=request).update(status="failed", reason="provider_error")

    tick(now + timedelta(seconds=10))

    handoff.refresh_from_db()
    assert (handoff.status, handoff.note) == ("manual_required", "provider_error")
    # The doctor is not given the contact of somebody we could not ask.
    assert bridges.message(handoff, Step.DOCTOR_CONTACT).status == "blocked"


def test_what_a_person_does_not_settle_expires_too(now: datetime) -> None:
    vaga = bridges.vaga(divulgador=bridges.divulgador(opted_out_at=now))
    bridges.accepted(vaga, make.contact(), now=now)

    tick(now + 48 * H)

    vaga.refresh_from_db()
    assert vaga.status == "aberta"
    # He who opted out is told nothing, not even that.
    assert not OutboundMessage.objects.filter(contact=vaga.divulgador).exists()


def test_a_follow_up_is_not_worth_sending_once_the_next_ones_turn_has_come(now: datetime) -> None:
    handoff = bridges.contacted(now=now)
    for at in (2 * H, 24 * H, 36 * H):
        tick(now + at)

    ends = [
        bridges.message(handoff, step).expires_at for step in (Step.FOLLOWUP_2H, Step.FOLLOWUP_24H, Step.FOLLOWUP_36H)
    ]

    assert ends == [now + 24 * H, now + 36 * H, now + 48 * H]


def test_a_clock_that_stands_still_is_noticed(now: datetime) -> None:
    bridges.contacted(now=now)

    def read(at: datetime) -> bool:
        return metrics.overdue(Window(since=at - H, until=at)).is_ok

    assert read(now + 48 * H + timedelta(minutes=10) - TICK)
    assert not read(now + 48 * H + timedelta(minutes=10))
    expiry.expire_due(now=now + 48 * H)
    assert read(now + 49 * H)
