"""What a switch or the canary holds waits without a time, and goes out when it lets go: nothing lost, nothing early."""

from __future__ import annotations

import pytest
from django.db import transaction

from canary import flags
from canary.flag_values import FlagKey
from outbound.methods import Method
from outbound.models import Contact, OutboundMessage
from tests.factories import outbound as make


def switch(key: FlagKey, *, now, **fields) -> None:
    with transaction.atomic():
        flags.switch(key=key, fields=fields, actor="ana", reason="teste", now=now)


def states() -> list[tuple[str, str | None]]:
    return list(OutboundMessage.objects.order_by("created_at", "id").values_list("status", "reason"))


@pytest.mark.parametrize(
    ("key", "stop", "go", "method", "reason"),
    [
        (FlagKey.JULIA, {"enabled": False}, {"enabled": True}, Method.MANUAL, "julia_paused"),
        (FlagKey.CAMPAIGNS, {"enabled": False}, {"enabled": True}, Method.CAMPAIGN, "campaigns_disabled"),
        (FlagKey.SAFE_MODE, {"enabled": True}, {"enabled": False}, Method.FOLLOWUP, "safe_mode"),
        (FlagKey.EXTERNAL_HANDOFF, {"enabled": False}, {"enabled": True}, Method.HANDOFF, "external_handoff_disabled"),
        (FlagKey.OUTBOUND_CANARY, {"pct": 0}, {"pct": 100}, Method.REACTIVATION, "outside_canary"),
    ],
)
def test_what_a_switch_holds_goes_out_when_it_lets_go(dispatcher, sandbox, now, key, stop, go, method, reason):
    switch(key, now=now, **stop)
    make.queued(make.contact(), now=now, method=method)
    dispatcher.drain(seconds=5)
    assert states() == [("queued", reason)]
    assert sandbox.requests() == []

    switch(key, now=now, **go)
    dispatcher.drain(seconds=5)

    assert states() == [("sent", None)]
    assert len(sandbox.delivered()) == 1


def test_a_growing_percentage_releases_just_the_buckets_it_takes_in(dispatcher, now):
    switch(FlagKey.OUTBOUND_CANARY, now=now, pct=10)
    doctors = [make.contact() for _ in range(60)]
    for doctor in doctors:
        make.queued(doctor, now=now)
    dispatcher.drain(seconds=5)

    switch(FlagKey.OUTBOUND_CANARY, now=now, pct=30)

    released = OutboundMessage.objects.filter(status="queued", due_at__isnull=False)
    expected = {doctor.pk for doctor in doctors if 10 <= doctor.bucket < 30}
    assert expected, "the factory's ids fall into every part"
    assert set(released.values_list("contact_id", flat=True)) == expected


def test_shrinking_holds_again_what_was_released(dispatcher, sandbox, now):
    switch(FlagKey.OUTBOUND_CANARY, now=now, pct=0)
    make.queued(make.contact(), now=now)
    dispatcher.drain(seconds=5)

    switch(FlagKey.OUTBOUND_CANARY, now=now, pct=100)
    switch(FlagKey.OUTBOUND_CANARY, now=now, pct=0)
    dispatcher.drain(seconds=5)

    assert states() == [("queued", "outside_canary")]
    assert sandbox.requests() == []


def test_a_deferral_is_news_once(dispatcher, now):
    switch(FlagKey.JULIA, now=now, enabled=False)
    make.queued(make.contact(), now=now)
    dispatcher.drain(seconds=5)
    OutboundMessage.objects.update(due_at=now)

    dispatcher.drain(seconds=5)

    assert len(make.events("outbound_deferred", block_reason="julia_paused")) == 1


def test_postgresql_and_python_put_everybody_into_the_same_bucket(outbox_ready):
    from canary.buckets import bucket

    doctors = [make.contact() for _ in range(50)]

    assert [doctor.bucket for doctor in doctors] == [bucket(doctor.pk) for doctor in doctors]
    assert len({doctor.bucket for doctor in Contact.objects.all()}) > 10
