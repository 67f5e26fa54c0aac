"""The log of messages' ways: after the commit, in lines that collectors do not cut, and nothing of what was undone."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import transaction

from outbound import inbound
from outbound.evolution.webhooks import DeliveryStatus, Update
from outbound.models import OutboundMessage
from outbound.outbox import Deduped
from tests.factories import outbound as make


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, logger="canary.traces")
    return lambda: [(record.getMessage(), list(record.trace_ids)) for record in caplog.records]


def test_what_is_rolled_back_leaves_no_line(outbox_ready, lines, now):
    from outbound import outbox

    message = make.message(make.contact())
    with transaction.atomic():
        outbox.enqueue(message, now=now)
        transaction.set_rollback(True)
    assert lines() == []

    make.enqueue(message, now=now)

    assert lines() == [("outbound_queued", [str(message.id)])]


def test_a_message_is_in_a_line_of_each_step_of_its_way(dispatcher, lines, caplog, now):
    message = make.queued(make.contact(), now=now)
    repeated = make.enqueue(make.message(message.contact_id, text=message.text), now=now)
    dispatcher.drain(seconds=5)
    message.refresh_from_db()
    assert message.provider_message_id
    inbound.take_in(
        Update(instance="julia", provider_message_id=message.provider_message_id, status=DeliveryStatus.READ), now=now
    )

    assert repeated == Deduped(of=message.pk)
    assert lines() == [
        (what, [str(message.pk)]) for what in ("outbound_queued", "outbound_deduped", "outbound_sent", "webhook_told")
    ]
    assert caplog.records[-1].status == "READ"


def test_a_refusal_is_logged_with_its_reason(dispatcher, lines, caplog, now):
    message = make.queued(make.contact(cooling_off_until=now + timedelta(days=1)), now=now)
    dispatcher.drain(seconds=5)

    assert lines()[-1] == ("outbound_blocked", [str(message.pk)])
    assert caplog.records[-1].reason == "cooling_off"


def test_many_take_few_lines_none_of_them_long(outbox_ready, lines, now):
    from outbound import outbox

    messages = [make.message(make.contact()) for _ in range(101)]
    with transaction.atomic():
        outbox.enqueue_many(messages, now=now)

    told = lines()
    assert sorted(len(ids) for _what, ids in told) == [1, 100]
    assert {id_ for _what, ids in told for id_ in ids} == {str(message.id) for message in messages}
    assert OutboundMessage.objects.count() == 101
