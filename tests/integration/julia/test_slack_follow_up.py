"""A stop says how many sends were in flight, and then that they have ended; a worker watches them, a turn at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import django_rq
import pytest
from django.utils import timezone

from julia.slack import jobs
from outbound.models import OutboundMessage
from tests.factories import outbound
from tests.integration.julia.conftest import Console
from tests.integration.julia.working import work


def send(now: datetime) -> OutboundMessage:
    """A message whose request is under way."""
    message = outbound.queued(outbound.contact(), now=now)
    under_way = {"claim_id": uuid4(), "lease_until": now + timedelta(minutes=1), "claimed_at": now}
    OutboundMessage.objects.filter(pk=message.pk).update(status="sending", **under_way)
    return message


def end(message: OutboundMessage) -> None:
    OutboundMessage.objects.filter(pk=message.pk).update(status="sent", sent_at=timezone.now(), claim_id=None)


@pytest.fixture(autouse=True)
def _short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "TURN_S", 0.05)


def test_what_was_in_flight_is_counted_and_its_end_is_told(console: Console, now: datetime) -> None:
    messages = [send(now), send(now)]

    answer = console.say("pausar_julia agora")
    assert "2 envios estão em voo e vão terminar." in answer["text"]

    # Nothing is told while they are under way, and the worker is free in between.
    work("periodic", most=1)
    assert console.slack.posted == []
    for message in messages:
        end(message)
    work("periodic", most=1)
    assert [posted["text"] for posted in console.slack.posted] == ["Os envios que estavam em voo terminaram."]
    assert console.slack.posted[0]["response_type"] == "in_channel"
    assert django_rq.get_queue("periodic").count == 0


def test_answers_that_leave_after_campaigns_stopped_are_not_waited_for(console: Console, now: datetime) -> None:
    before = send(now)
    console.say("toggle_campanhas off agora")
    work("periodic", most=1)
    end(before)
    OutboundMessage.objects.filter(pk=send(now).pk).update(claimed_at=timezone.now() + timedelta(seconds=5))

    work("periodic", most=1)

    assert [posted["text"] for posted in console.slack.posted] == ["Os envios que estavam em voo terminaram."]


def test_what_does_not_end_is_told_after_two_minutes(console: Console, now: datetime, time_machine: Any) -> None:
    send(now)
    console.say("pausar_julia agora")
    work("periodic", most=1)

    time_machine.move_to(now + timedelta(seconds=125))
    work("periodic", most=1)

    (posted,) = console.slack.posted
    assert posted["text"].startswith("Envios que estavam em voo e ainda não terminaram: 1;")


def test_nothing_in_flight_needs_no_second_message(console: Console) -> None:
    assert "Nenhum envio está em voo." in console.say("pausar_julia agora")["text"]
    assert django_rq.get_queue("periodic").count == 0


def test_without_redis_the_stop_says_that_nobody_will_tell(
    console: Console, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django_rq import settings as django_rq_settings

    send(now)
    monkeypatch.setitem(django_rq_settings.QUEUES, "periodic", {"URL": "unix:///nowhere/redis.sock"})

    text = console.say("pausar_julia agora")["text"]

    assert "A Julia está pausada." in text
    assert "Não consigo avisar quando terminarem" in text
