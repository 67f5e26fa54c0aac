"""Fase C, Gap C1, outbox: what is committed goes out, though its wake-up was lost; what is not committed never does.

Redis only wakes workers up. PostgreSQL holds the messages, and the periodic sweep finds what nobody was told of.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django_rq
from django.db import transaction

from julia.processes import BASE_DIR
from outbound import jobs, outbox
from outbound.dispatcher import Dispatcher
from outbound.evolution.sandbox import RunningSandbox
from outbound.models import OutboundMessage
from outbound.outbox import Queued
from outbound.wakeup import QUEUE
from tests.acceptance.observing import by_status
from tests.factories import outbound as make
from tests.waiting import wait_for


def _lose_all_wake_ups() -> None:
    django_rq.get_connection(QUEUE).flushdb()


def test_a_committed_message_wakes_a_worker_once(outbox_ready: None, now: datetime) -> None:
    for _ in range(10):
        make.queued(make.contact(), now=now)

    assert django_rq.get_queue(QUEUE).count == 1


def test_a_message_whose_wake_up_was_lost_is_found_by_the_sweep(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any], now: datetime
) -> None:
    message = make.queued(make.contact(), now=now)
    _lose_all_wake_ups()
    start_workers(1)

    jobs.sweep()

    wait_for(sandbox.delivered, what="sending")
    assert [delivered.text for delivered in sandbox.delivered()] == [message.text]


def test_the_cron_process_sweeps_by_itself(
    outbox_ready: None,
    sandbox: RunningSandbox,
    start_workers: Callable[..., Any],
    start_process: Callable[..., Any],
    now: datetime,
) -> None:
    make.queued(make.contact(), now=now)
    expired = make.queued(make.contact(), now=now, expires_at=now - timedelta(seconds=1))
    _lose_all_wake_ups()
    start_workers(1)

    start_process("rqcron", "julia.cron")

    wait_for(lambda: by_status() == {"sent": 1, "failed": 1}, what="the sweep")
    expired.refresh_from_db()
    assert (expired.status, expired.reason) == ("failed", "expired")
    assert len(sandbox.delivered()) == 1


def test_a_message_due_later_leaves_when_its_time_has_come(
    outbox_ready: None,
    sandbox: RunningSandbox,
    start_workers: Callable[..., Any],
    start_process: Callable[..., Any],
    now: datetime,
) -> None:
    send_at = datetime.now(UTC) + timedelta(seconds=4)
    make.queued(make.contact(), now=now, send_at=send_at)
    start_workers(1)
    start_process("rqcron", "julia.cron")

    wait_for(sandbox.requests, what="sending")

    assert sandbox.requests()[0].started_at >= send_at.timestamp()


def test_a_rolled_back_transaction_leaves_no_message_and_no_wake_up(
    outbox_ready: None, sandbox: RunningSandbox, dispatcher: Dispatcher, now: datetime
) -> None:
    person = make.contact()
    message = make.message(person)

    with transaction.atomic():
        assert isinstance(outbox.enqueue(message, now=now), Queued)
        transaction.set_rollback(True)
    dispatcher.drain(seconds=5)

    assert not OutboundMessage.objects.exists()
    assert django_rq.get_queue(QUEUE).count == 0
    assert sandbox.requests() == []
    # The very same message goes out once it is committed.
    make.enqueue(message, now=now)
    dispatcher.drain(seconds=5)
    assert [delivered.text for delivered in sandbox.delivered()] == [message.text]


def _enqueue_in_a_process(env: dict[str, str], *, phone: str, text: str) -> dict[str, Any]:
    """Enqueue a message with the management command, as another program would."""
    line = json.dumps({"telefone": phone, "method": "campaign", "text": text})
    done = subprocess.run(
        [sys.executable, str(BASE_DIR / "manage.py"), "enqueue", "--jsonl", "-"],
        input=line + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, **env},
    )
    assert "Traceback" not in done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_an_uncommitted_message_is_not_sent(
    outbox_ready: None,
    sandbox: RunningSandbox,
    start_workers: Callable[..., Any],
    process_env: dict[str, str],
    now: datetime,
) -> None:
    message = make.message(make.contact())
    start_workers(1)

    with transaction.atomic():
        outbox.enqueue(message, now=now)
        # The worker is at work: what another program commits meanwhile, it sends.
        _enqueue_in_a_process(process_env, phone="11970009999", text="confirmada")
        wait_for(sandbox.delivered, what="sending what is committed")
        assert [delivered.text for delivered in sandbox.delivered()] == ["confirmada"]

    wait_for(lambda: len(sandbox.delivered()) == 2, what="sending the other")
    assert sandbox.delivered()[1].text == message.text


def test_with_redis_down_enqueuing_succeeds_and_the_message_leaves_later(
    outbox_ready: None,
    sandbox: RunningSandbox,
    start_workers: Callable[..., Any],
    process_env: dict[str, str],
    tmp_path: Path,
) -> None:
    nowhere = f"unix://{tmp_path}/nobody.sock?db=0"

    answer = _enqueue_in_a_process({**process_env, "REDIS_URL": nowhere}, phone="11970009999", text="Oi")

    assert answer["result"] == "queued"
    assert by_status() == {"queued": 1}
    assert django_rq.get_queue(QUEUE).count == 0

    # Redis is back, and so is the sweep.
    start_workers(1)
    jobs.sweep()
    wait_for(lambda: by_status() == {"sent": 1}, what="sending")
    assert [delivered.text for delivered in sandbox.delivered()] == ["Oi"]
