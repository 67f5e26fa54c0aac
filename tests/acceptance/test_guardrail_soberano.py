"""Fase A, Pré-requisitos: "Guardrail soberano | `check_outbound_guardrails()` é ponto único".

What it answers when asked is exactly what a worker process lets out over HTTP: no more, no less, for the same reasons.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model

from canary.models import FeatureFlag
from outbound.evolution.sandbox import RunningSandbox
from outbound.guardrails import Decision, OutboundRequest, Outcome, check_outbound_guardrails
from outbound.methods import ActorType, Channel, ContactKind, Method, Status
from outbound.models import Contact, OutboundMessage, Sender
from outbound.outbox import NewMessage
from tests.acceptance.observing import by_status, is_quiet
from tests.factories import outbound as make
from tests.waiting import wait_for

ALLOW, BLOCK, DEFER = Outcome.ALLOW, Outcome.BLOCK, Outcome.DEFER
OPERATOR = "ana"
CANARY_PCT = 50
LISTED = "5511960000001"


def _contact_in_bucket(*, below: bool, **changes: Any) -> Contact:
    """Somebody inside, or outside, of the canary's percentage."""
    while True:
        person = make.contact(**changes)
        if (person.bucket < CANARY_PCT) is below:
            return person
        person.delete()


def _from_slack(to: Contact, *, reason: str | None, actor: str = OPERATOR) -> NewMessage:
    return make.message(
        to,
        method=Method.MANUAL,
        channel=Channel.SLACK,
        actor_type=ActorType.HUMAN,
        actor_id=actor,
        bypass_reason=reason,
    )


def _mixed_audience(now: datetime) -> list[tuple[str, NewMessage, Outcome, str | None]]:
    """One message for each thing a guardrail has to say: its name, the message, what must become of it, and why."""
    get_user_model().objects.create_user(OPERATOR, is_staff=True)
    gone = now - timedelta(days=1)
    inside = _contact_in_bucket(below=True)
    wrote = make.contact(opted_out_at=gone)
    asked = make.inbound(wrote, at=now - timedelta(minutes=3))
    late = make.inbound(make.contact(), at=now - timedelta(minutes=31))
    stranger = make.contact()
    asked_capped = _contact_in_bucket(below=True)
    for hours in range(1, 6):
        make.sent_before(
            asked_capped, at=now - timedelta(hours=24 + hours), sender=Sender.objects.order_by("instance")[0]
        )
    return [
        ("campaign inside the canary", make.message(inside), ALLOW, None),
        ("campaign outside the canary", make.message(_contact_in_bucket(below=False)), DEFER, "outside_canary"),
        ("button outside the canary", make.message(_contact_in_bucket(below=False), method=Method.BUTTON), ALLOW, None),
        ("campaign to an opted-out", make.message(make.contact(opted_out_at=gone)), BLOCK, "opted_out"),
        ("valid reply to an opted-out", make.reply(asked), ALLOW, None),
        ("reply to an old message", make.reply(late), BLOCK, "invalid_reply"),
        ("reply without proof", make.message(make.contact(), method=Method.REPLY), BLOCK, "invalid_reply"),
        (
            "reply with another's proof",
            make.message(
                stranger,
                method=Method.REPLY,
                conversation_id=asked.conversation_id,
                inbound_interaction_id=asked.pk,
            ),
            BLOCK,
            "invalid_reply",
        ),
        (
            "reply with an invented proof",
            make.message(
                stranger, method=Method.REPLY, conversation_id=asked.conversation_id, inbound_interaction_id=uuid4()
            ),
            BLOCK,
            "invalid_reply",
        ),
        ("bypass with a reason", _from_slack(make.contact(opted_out_at=gone), reason="pediu o contrato"), ALLOW, None),
        (
            "bypass without a reason",
            _from_slack(make.contact(opted_out_at=gone), reason=None),
            BLOCK,
            "opted_out_bypass_no_reason",
        ),
        (
            "bypass by nobody we know",
            _from_slack(make.contact(opted_out_at=gone), reason="pediu", actor="estranho"),
            BLOCK,
            "opted_out",
        ),
        (
            "bypass that does not come from Slack",
            make.message(make.contact(opted_out_at=gone), method=Method.MANUAL, bypass_reason="pediu"),
            BLOCK,
            "opted_out",
        ),
        (
            "campaign while cooling off",
            make.message(_contact_in_bucket(below=True, cooling_off_until=now + timedelta(days=1))),
            BLOCK,
            "cooling_off",
        ),
        (
            "campaign before its time",
            make.message(_contact_in_bucket(below=True, next_allowed_at=now + timedelta(hours=2))),
            DEFER,
            "next_allowed_at",
        ),
        ("sixth campaign in seven days", make.message(asked_capped), DEFER, "contact_cap"),
        (
            "bridge while it is off",
            make.message(make.contact(kind=ContactKind.DIVULGADOR), method=Method.HANDOFF),
            DEFER,
            "external_handoff_disabled",
        ),
    ]


def _ask(messages: list[NewMessage], *, now: datetime) -> list[Decision]:
    requests = [
        OutboundRequest(
            cliente_id=message.cliente_id,
            method=message.method,
            channel=message.channel,
            actor_type=message.actor_type,
            actor_id=message.actor_id,
            conversation_id=message.conversation_id,
            inbound_interaction_id=message.inbound_interaction_id,
            bypass_reason=message.bypass_reason,
        )
        for message in messages
    ]
    return check_outbound_guardrails(requests, now=now)


def test_what_the_guardrails_allow_is_exactly_what_leaves(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any], now: datetime
) -> None:
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": CANARY_PCT})
    cases = _mixed_audience(now)
    messages = [message for _, message, _, _ in cases]

    # The guardrails are asked first …
    decisions = _ask(messages, now=now)

    said = [(name, decision.outcome, decision.reason) for (name, *_), decision in zip(cases, decisions, strict=True)]
    assert said == [(name, outcome, reason) for name, _, outcome, reason in cases]

    # … then a worker process gets the same messages.
    for message in messages:
        make.enqueue(message, now=now)
    start_workers(1)
    wait_for(lambda: by_status()["sent"] and is_quiet(), what="draining")

    allowed = {message.text for message, decision in zip(messages, decisions, strict=True) if decision.is_allowed}
    assert sorted(message.text for message in sandbox.delivered()) == sorted(allowed)
    assert len(sandbox.requests()) == len(allowed)
    statuses = {ALLOW: Status.SENT, BLOCK: Status.BLOCKED, DEFER: Status.QUEUED}
    rows = OutboundMessage.objects.in_bulk([message.id for message in messages])
    stands = [(name, rows[message.id].status, rows[message.id].reason) for name, message, _, _ in cases]
    assert stands == [(name, statuses[outcome], reason) for name, _, outcome, reason in cases]


def test_every_refusal_leaves_an_event_with_what_the_document_reads(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any], now: datetime
) -> None:
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": CANARY_PCT})
    cases = _mixed_audience(now)
    for _, message, _, _ in cases:
        make.enqueue(message, now=now)

    start_workers(1)
    wait_for(lambda: by_status()["sent"] and is_quiet(), what="draining")

    types = {BLOCK: "outbound_blocked", DEFER: "outbound_deferred"}
    for name, message, outcome, reason in cases:
        if outcome is ALLOW:
            assert len(make.events("outbound_sent", message_id=str(message.id))) == 1, name
            continue
        (event,) = make.events(types[outcome], message_id=str(message.id))
        assert event.cliente_id == message.cliente_id, name
        assert event.event_props["block_reason"] == reason, name
        assert event.event_props["method"] == message.method, name
        assert event.event_props["channel"] == message.channel, name
        assert event.event_props["actor_type"] == message.actor_type, name
        assert event.event_props.get("actor_id") == message.actor_id, name
        assert event.event_props.get("bypass_reason") == message.bypass_reason, name
    (bypass,) = make.events("outbound_bypass")
    assert bypass.event_props["block_reason"] == "opted_out"
    assert bypass.event_props["bypass_reason"] == "pediu o contrato"
    assert bypass.event_props["actor_id"] == OPERATOR


@pytest.mark.parametrize(
    ("allowlist", "who_gets_it"),
    [
        ("5511960000003", []),  # neither is listed: outside production nothing leaves for them
        (LISTED, [LISTED]),  # one is
        ("*", [LISTED, "5511960000002"]),  # everybody is
    ],
)
def test_outside_production_only_listed_numbers_are_written_to(
    allowlist: str,
    who_gets_it: list[str],
    outbox_ready: None,
    sandbox: RunningSandbox,
    start_workers: Callable[..., Any],
    now: datetime,
) -> None:
    for phone in (LISTED, "5511960000002"):
        make.queued(make.contact(phone=phone), now=now)

    start_workers(1, OUTBOUND_ALLOWLIST=allowlist)
    wait_for(is_quiet, what="draining")

    assert sorted(message.number for message in sandbox.delivered()) == who_gets_it
    assert by_status() == {k: v for k, v in (("sent", len(who_gets_it)), ("blocked", 2 - len(who_gets_it))) if v}


def test_an_opt_out_between_enqueuing_and_sending_is_obeyed(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any], now: datetime
) -> None:
    stays, leaves = make.contact(), make.contact()
    to_stays, to_leaves = make.queued(stays, now=now), make.queued(leaves, now=now)

    Contact.objects.filter(pk=leaves.pk).update(opted_out_at=now)
    start_workers(1)
    wait_for(is_quiet, what="draining")

    assert [message.text for message in sandbox.delivered()] == [to_stays.text]
    to_leaves.refresh_from_db()
    assert (to_leaves.status, to_leaves.reason) == ("blocked", "opted_out")
