"""Issue 8, Eyes: one message's trace id in the logs of every process, from enqueueing to the provider's webhook."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from julia import processes
from outbound import story
from outbound.models import OutboundMessage, ProviderMessage
from tests.factories import outbound as make
from tests.waiting import wait_for


def lines_about(message: OutboundMessage, log: Path) -> list[str]:
    return [line for line in log.read_text(encoding="utf-8").splitlines() if str(message.pk) in line]


def test_worker_and_web_log_the_same_trace_id(
    worker: Any, process_env: dict[str, str], tmp_path: Path, now: datetime
) -> None:
    message = make.queued(make.contact(phone="5511987654321"), now=now)
    wait_for(lambda: OutboundMessage.objects.filter(pk=message.pk, status="sent").exists(), what="the send")
    message.refresh_from_db()

    with processes.web(env=process_env, log=tmp_path / "web.log", workers=1) as url:
        for status in ("SERVER_ACK", "DELIVERY_ACK"):
            data = {"keyId": message.provider_message_id, "remoteJid": "x", "fromMe": True, "status": status}
            answer = httpx.post(
                f"{url}/webhooks/evolution/",
                json={"event": "messages.update", "instance": "julia", "data": data},
                headers={"Authorization": f"Bearer {settings.EVOLUTION_WEBHOOK_TOKEN}"},
                timeout=30,
            )
            assert answer.status_code == 200, answer.text

    assert ProviderMessage.objects.get().status == "DELIVERY_ACK"
    sent = wait_for(lambda: lines_about(message, tmp_path / "rqworker.log"), what="the worker's line")
    told = lines_about(message, tmp_path / "web.log")
    assert ["outbound_sent" in line for line in sent] == [True]
    assert ["DELIVERY_ACK" in line for line in told] == [False, True]
    assert not any("987654321" in line for line in [*sent, *told])
    whats = [moment.what for moment in story.tell([message.pk], now=datetime.now(now.tzinfo))[message.pk].moments]
    assert whats == ["queued", "passed", "requested", "sent", "told", "told"]
