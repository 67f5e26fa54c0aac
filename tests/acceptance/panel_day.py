"""A day in Julia's life for the panel's pictures: sends with a morning and an afternoon, blocks, an error or two, an
incident somebody takes care of, and what people changed.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from canary import events
from canary.event_types import EventType
from canary.events import Event
from canary.models import FeatureFlag, FeatureFlagChange, Incident, IncidentEvent, PhaseTransition
from outbound import heartbeats
from outbound.models import OutboundMessage
from tests.factories import health
from tests.factories import outbound as make

HOUR = timedelta(hours=1)
BLOCKED = (("opted_out", 9), ("outside_canary", 5), ("contact_cap", 3), ("cooling_off", 2), ("provider_error", 1))


def play(*, now: datetime) -> None:
    """Write the day down as if it had been, up to now."""
    chance = random.Random(7)  # noqa: S311 - the same day every time
    with transaction.atomic():
        events.emit([*_traffic(now, chance)])
    _health(now, chance)
    _people(now)
    _incidents(now)
    _queue(now)
    heartbeats.beat(name=heartbeats.WORKER, now=now)


def _traffic(now: datetime, chance: random.Random) -> Iterator[Event]:
    busy = {8: 30, 9: 70, 10: 88, 11: 64, 12: 26, 13: 48, 14: 82, 15: 90, 16: 71, 17: 52, 18: 33, 19: 20}
    for ago in range(24):
        at = now - HOUR * ago
        # By São Paulo's clock, three hours behind UTC.
        count = busy.get((at.hour - 3) % 24, chance.choice([0, 0, 1, 2]))
        for _ in range(count):
            yield Event(type=EventType.OUTBOUND_SENT, at=at, source="outbound", props={"method": "campaign"})
        for reason, share in BLOCKED:
            for _ in range(chance.randint(0, count * share // 90 + (count > 0))):
                props = {"method": "campaign", "block_reason": reason}
                yield Event(type=EventType.OUTBOUND_BLOCKED, at=at, source="outbound", props=props)


def _health(now: datetime, chance: random.Random) -> None:
    for ago in range(400, -1, -1):
        at = now - timedelta(minutes=2) - health.EVERY * ago
        attempts = chance.randint(1, 8)
        errors = int(chance.random() < 0.012)
        health.snapshot(at=at, errors=min(errors, attempts), attempts=attempts, invalid_reply=int(ago == 63))


def _people(now: datetime) -> None:
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": 25})
    FeatureFlag.objects.filter(key="external_handoff").update(value={"enabled": True, "canary_pct": 10})
    for hours, key, on, actor, reason in (
        (29.0, "julia", False, "bruno", "teste do playbook"),
        (28.9, "julia", True, "bruno", "teste do playbook concluído"),
        (5.2, "external_handoff", True, "carla", "ponte para 10% dos médicos"),
        (3.1, "campaigns", False, "ana", "conferir textos da campanha de sábado"),
        (2.6, "campaigns", True, "ana", "textos conferidos"),
    ):
        FeatureFlagChange.objects.create(
            key=key,
            before={"enabled": not on},
            after={"enabled": on},
            actor=actor,
            reason=reason,
            changed_at=now - HOUR * hours,
        )
    moves = ((76, 10, "GO inicial: guardrails provados"), (31, 25, "24 h estáveis em 10%"))
    before = 0
    for hours, to_pct, reason in moves:
        PhaseTransition.objects.create(
            from_pct=before, to_pct=to_pct, at=now - HOUR * hours, actor="ana", reason=reason, evidence={}
        )
        before = to_pct


def _incidents(now: datetime) -> None:
    opened_at = now - timedelta(minutes=41)
    incident = Incident.objects.create(
        severity="P1",
        kind="sender_stopped",
        subject="julia-2",
        opened_at=opened_at,
        opened_by="system",
        last_seen_at=now - timedelta(minutes=1),
    )
    IncidentEvent.objects.create(
        incident=incident, at=opened_at + timedelta(minutes=6), actor="bruno", what="acknowledged"
    )


def _queue(now: datetime) -> None:
    held = {"outside_canary": 61, "quiet_hours": 24, "rate_limited": 12, "next_allowed_at": 3}
    for reason, count in held.items():
        for _ in range(count):
            message = make.queued(make.contact(), now=now - timedelta(minutes=20))
            OutboundMessage.objects.filter(pk=message.pk).update(reason=reason, due_at=now + 9 * HOUR)
    for number in range(4):
        message = make.queued(make.contact(), now=now - timedelta(seconds=3))
        OutboundMessage.objects.filter(pk=message.pk).update(
            status="sending", claim_id=UUID(int=number + 1), lease_until=now + timedelta(minutes=1), due_at=None
        )
