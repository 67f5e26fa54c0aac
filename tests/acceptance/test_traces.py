"""Issue 8, Eyes: one message's trace id in the logs of every process, from enqueueing to the provider's webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from julia import processes
from outbound import story
from outbound.evolution.sandbox import RunningSandbox, running_sandbox
from outbound.models import OutboundMessage, ProviderMessage
from tests.factories import outbound as make
from tests.waiting import wait_for


@pytest.fixture
def web_log(tmp_path: Path) -> Path:
    return tmp_path / "web.log"


@pytest.fixture
def provider(outbox_ready: None, process_env: dict[str, str], web_log: Path) -> Iterator[RunningSandbox]:
    """A provider that tells a real web process what happens."""
    with (
        processes.web(env=process_env, log=web_log, workers=1) as url,
        running_sandbox(
            any_instance=True,
            api_key=django_settings.EVOLUTION_API_KEY,
            seed=1,
            webhook_url=f"{url}/webhooks/evolution/",
            webhook_token=django_settings.EVOLUTION_WEBHOOK_TOKEN,
            webhook_backoff_s=0.05,
        ) as running,
    ):
        yield running


def about(message: OutboundMessage, log: Path) -> list[str]:
    return [line for line in log.read_text(encoding="utf-8").splitlines() if str(message.pk) in line]


def test_a_message_through_worker_provider_and_webhooks_leaves_its_trace_everywhere(
    provider: RunningSandbox, start_process: Any, web_log: Path, tmp_path: Path, now: datetime
) -> None:
    start_process("rqworker", "periodic", "dispatch", EVOLUTION_API_URL=provider.url)
    message = make.queued(make.contact(phone="5511987654321"), now=now)
    told = ProviderMessage.objects.filter(statuses__has_keys=["LEFT", "SERVER_ACK", "DELIVERY_ACK"])
    wait_for(told.exists, what="the provider's notices")

    (one,) = story.tell([message.pk], now=datetime.now(UTC)).values()

    assert [moment.what for moment in one.moments if moment.what != "told"] == ["queued", "passed", "requested", "sent"]
    assert {moment.facts["status"] for moment in one.moments if moment.what == "told"} == {
        "LEFT",
        "SERVER_ACK",
        "DELIVERY_ACK",
    }
    assert [moment.at for moment in one.moments] == sorted(moment.at for moment in one.moments)
    sent = wait_for(lambda: about(message, tmp_path / "rqworker.log"), what="the worker's line")
    heard = wait_for(lambda: about(message, web_log), what="the web process's line")
    assert ["outbound_sent" in line for line in sent] == [True]
    assert "webhook_told" in heard[-1]
    assert "DELIVERY_ACK" in heard[-1]
    assert "987654321" not in "".join([*sent, *heard])
