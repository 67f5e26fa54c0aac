"""A system that has been stable for long enough, as rows: what `canary.evidence` finds of it is GO."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from canary import metrics, phases
from canary.models import Drill, FeatureFlag, HealthSnapshot, PhaseTransition
from canary.stability import CORE_METRICS
from tests.factories.gates import EVERY

SENT = """
    INSERT INTO business_events (ts, event_type, source)
    SELECT %s::timestamptz - n * interval '1 minute', 'outbound_sent', 'test' FROM generate_series(1, %s) AS n
"""


def readings(*, errors: int = 0, attempts: int = 2, **changes: Any) -> dict[str, Any]:
    """What the health snapshots hold of every metric there is."""
    names = CORE_METRICS | {metric.name for metric in metrics.registered()}
    held = {"value": 0, "is_ok": True, "shown": "0", "part": None, "whole": None}
    rate = {**held, "is_ok": errors == 0, "part": errors, "whole": attempts}
    return {**dict.fromkeys(names, held), "provider_error_rate": rate, **changes}


def snapshots(*, since: datetime, until: datetime, **more: Any) -> None:
    """One every five minutes."""
    HealthSnapshot.objects.bulk_create(
        HealthSnapshot(taken_at=since + n * EVERY, since=since + (n - 1) * EVERY, readings=readings(**more))
        for n in range(1, (until - since) // EVERY + 1)
    )


def sent(count: int, *, until: datetime) -> None:
    """One message a minute before `until`."""
    with connection.cursor() as cursor:
        cursor.execute(SENT, [until, count])


def standing_at(pct: int, *, since: datetime) -> None:
    """Put the canary where it would be after a promotion at that time."""
    with transaction.atomic():
        FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": pct}, updated_at=since)
        PhaseTransition.objects.create(from_pct=0, to_pct=pct, at=since, actor="ana", reason="teste")


def drilled(*, pct: int, at: datetime, names: tuple[str, ...] = phases.PLAYBOOK, **changes: Any) -> None:
    """Drills that passed."""
    for name in names:
        Drill.objects.create(
            **{"name": name, "pct": pct, "started_at": at, "ended_at": at, "actor": "ana", "passed": True, **changes}
        )


def stable(pct: int, *, now: datetime) -> None:
    """Everything the phase above `pct` asks for, exactly as long as it asks for it."""
    target = phases.next_above(pct)
    stable_for = target.stable_for if target else timedelta(days=1)
    standing_at(pct, since=now - stable_for)
    snapshots(since=now - stable_for, until=now)
    drilled(pct=pct, at=now - timedelta(hours=1))
    sent(60, until=now)
