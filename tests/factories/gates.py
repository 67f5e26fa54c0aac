"""Evidence whose defaults are GO, so that a test names only what matters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from canary import phases
from canary.gate_facts import Evidence, Finding, KnownDrill, KnownIncident, Measured, Snapshot
from canary.stability import CORE_METRICS

# A Wednesday, 15:00 in São Paulo.
NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
EVERY = timedelta(minutes=5)
METRICS = frozenset({*CORE_METRICS, "queue_age"})


def readings(*, errors: int = 0, attempts: int = 2, out: Iterable[str] = ()) -> dict[str, Measured]:
    """Every metric within its threshold but those in `out`."""
    measured = {name: Measured(is_ok=name not in out) for name in METRICS}
    return {**measured, "provider_error_rate": Measured(is_ok=errors == 0, part=errors, whole=attempts)}


def snapshots(*, since: datetime, until: datetime, **more: Any) -> tuple[Snapshot, ...]:
    """One every five minutes, the first five minutes after `since`, the last at `until` or just before."""
    count = (until - since) // EVERY
    return tuple(Snapshot(taken_at=since + n * EVERY, readings=readings(**more)) for n in range(1, count + 1))


def drills(*, pct: int, at: datetime, names: Iterable[str] = phases.PLAYBOOK) -> tuple[KnownDrill, ...]:
    return tuple(KnownDrill(name=name, pct=pct, started_at=at, passed=True) for name in names)


def incident(**changes: Any) -> KnownIncident:
    """An open P0."""
    defaults = {"id": 1, "severity": "P0", "kind": "duplicates", "opened_at": NOW - EVERY, "resolved_at": None}
    return KnownIncident(**{**defaults, **changes})


def evidence(*, pct: int = 10, now: datetime = NOW, **changes: Any) -> Evidence:
    """Stable at `pct` for exactly as long as the next phase asks, in every respect."""
    target = phases.next_above(pct)
    stable_for = target.stable_for if target else timedelta(hours=24)
    defaults: dict[str, Any] = {
        "now": now,
        "pct": pct,
        "entered_at": now - stable_for,
        "metrics": METRICS,
        "snapshots": snapshots(since=now - stable_for, until=now),
        "incidents": (),
        "drills": drills(pct=pct, at=now - timedelta(hours=1)),
        "sends": 576,
        "least_sends": 50,
        "prerequisites": {name: Finding(is_met=True) for name in phases.prerequisites_of(phases.D)},
    }
    return Evidence(**{**defaults, **changes})
