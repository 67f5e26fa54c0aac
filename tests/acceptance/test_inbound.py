"""What comes back from WhatsApp, over real HTTP: the sandbox tells the running server, in its own time and order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings

from canary.metrics import Window
from outbound import metrics, reconciler
from outbound.dispatcher import Dispatcher
from outbound.evolution.sandbox import RunningSandbox, running_sandbox
from outbound.methods import Status
from outbound.models import Contact, Interaction, OutboundMessage, ProviderMessage
from tests.acceptance.observing import by_status
from tests.factories import outbound as make
from tests.waiting import wait_for


@pytest.fixture
def telling_sandbox(outbox_ready: None, live_server: Any) -> Iterator[RunningSandbox]:
    """A provider that tells this test's own server what happens."""
    with running_sandbox(
        any_instance=True,
        api_key=django_settings.EVOLUTION_API_KEY,
        seed=1,
        webhook_url=f"{live_server.url}/webhooks/evolution/",
        webhook_token=django_settings.EVOLUTION_WEBHOOK_TOKEN,
        webhook_backoff_s=0.05,
    ) as running:
        yield running


@pytest.fixture
def telling_dispatcher(telling_sandbox: RunningSandbox, dispatcher_to: Callable[..., Dispatcher]) -> Dispatcher:
    return dispatcher_to(telling_sandbox.url)


def test_how_far_a_message_got_is_known(
    telling_sandbox: RunningSandbox, telling_dispatcher: Dispatcher, now: datetime
) -> None:
    message = make.queued(make.contact(), now=now)
    telling_dispatcher.drain(seconds=5)
    message.refresh_from_db()

    def witness() -> ProviderMessage | None:
        return ProviderMessage.objects.filter(provider_message_id=message.provider_message_id).first()

    wait_for(lambda: (told := witness()) and told.status_rank > 0 and told.cliente_id, what="the provider's notices")
    told = witness()
    assert told is not None
    assert told.cliente_id == message.contact_id


def test_the_witness_settles_what_nothing_else_can(
    telling_sandbox: RunningSandbox, telling_dispatcher: Dispatcher, settings: Any, now: datetime
) -> None:
    settings.EVOLUTION_API_URL = telling_sandbox.url
    telling_sandbox.set_faults(["reset_after=1", "no_list"])
    message = make.queued(make.contact(), now=now)
    telling_dispatcher.drain(seconds=5)
    assert by_status() == {"unknown": 1}

    wait_for(ProviderMessage.objects.exclude(sent_at=None).exists, what="the send.message notice")
    reconciler.reconcile(now=datetime.now(UTC))

    message.refresh_from_db()
    assert (message.status, message.provider_message_id) == (Status.SENT, telling_sandbox.delivered()[0].id)
    assert len(telling_sandbox.delivered()) == 1


def test_a_doctor_who_writes_pare_hears_one_goodbye_and_nothing_more(
    telling_sandbox: RunningSandbox, telling_dispatcher: Dispatcher, now: datetime
) -> None:
    doctor = make.contact()
    for number in range(5):
        make.queued(doctor, now=now, text=f"Plantão {number}")

    telling_sandbox.inbound(number=doctor.phone, text="Pare, por favor!")
    wait_for(Interaction.objects.exists, what="the notice")
    telling_dispatcher.drain(seconds=5)

    assert Contact.objects.get(pk=doctor.pk).opted_out_at
    (goodbye,) = telling_sandbox.delivered()
    assert "VOLTAR" in goodbye.text
    assert by_status() == {"sent": 1, "blocked": 5}
    around_now = Window(since=now - timedelta(hours=1), until=now + timedelta(hours=1))
    assert metrics.sent_to_opted_out(around_now).is_ok


def test_a_reply_is_proved_by_what_the_doctor_wrote(
    telling_sandbox: RunningSandbox, telling_dispatcher: Dispatcher, now: datetime
) -> None:
    doctor, other = make.contact(), make.contact()
    telling_sandbox.inbound(number=doctor.phone, text="Qual o valor?")
    wait_for(Interaction.objects.exists, what="the notice")
    asked = Interaction.objects.get()

    make.enqueue(make.reply(asked), now=datetime.now(UTC))
    # The same proof in the hands of somebody else is none.
    make.enqueue(make.reply(asked, cliente_id=other.pk), now=datetime.now(UTC))
    telling_dispatcher.drain(seconds=5)

    assert by_status() == {"sent": 1, "blocked": 1}
    assert OutboundMessage.objects.get(status=Status.BLOCKED).reason == "invalid_reply"
