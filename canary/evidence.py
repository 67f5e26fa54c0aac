"""The queries that load what a gate is judged by, all of it as of one call; snapshots are read instead of events.

Where the canary stands, and since when, is told by the history of the rollout. A new installation has none, and stands
where its switch was created. A drill that lowers the percentage and puts it back starts no phase anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import Q

from canary import metrics, phases, prerequisites
from canary.event_types import EventType
from canary.flag_values import FlagKey, Flags
from canary.gate_facts import MINOR, Evidence, Finding, KnownDrill, KnownIncident, Measured, Snapshot
from canary.models import BusinessEvent, Drill, FeatureFlag, HealthSnapshot, Incident, PhaseTransition
from canary.stability import CORE_METRICS, DAY

# The longest window, and the day before it by which its first snapshot's error rate is judged.
LOOK_BACK = max(phase.stable_for for phase in phases.PHASES) + DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where the canary stands (0 to 100), and since when; None when it was moved other than by `canary.rollout`."""

    pct: int
    entered_at: datetime | None


def position() -> Position:
    """Tell where the canary stands."""
    flag = FeatureFlag.objects.get(key=FlagKey.OUTBOUND_CANARY)
    pct = Flags.parse({flag.key: flag.value}).canary_pct
    last = PhaseTransition.objects.order_by("-id").first()
    if last is None:
        return Position(pct=pct, entered_at=flag.updated_at)
    if last.to_pct != pct:
        return Position(pct=pct, entered_at=None)
    return Position(pct=pct, entered_at=last.at)


def load(*, now: datetime) -> Evidence:
    """Load everything the gate to the next phase is judged by, and the prerequisites of all phases."""
    now = now.astimezone(UTC)
    stands = position()
    start = stands.entered_at or now
    target = phases.next_above(stands.pct)
    return Evidence(
        now=now,
        pct=stands.pct,
        entered_at=stands.entered_at,
        metrics=CORE_METRICS | {metric.name for metric in metrics.registered()},
        snapshots=_snapshots(after=max(start, now - LOOK_BACK)),
        incidents=grave_incidents(since=now - LOOK_BACK),
        drills=_drills(since=start),
        sends=_sends(since=max(start, now - target.stable_for), until=now) if target else 0,
        least_sends=settings.GATE_LEAST_SENDS,
        prerequisites=_findings(now=now),
    )


def grave_incidents(*, since: datetime) -> tuple[KnownIncident, ...]:
    """Load the P0 and P1 incidents that are open, or were at any time since then."""
    rows = Incident.objects.filter(Q(resolved_at=None) | Q(resolved_at__gt=since)).exclude(severity__in=MINOR)
    found = rows.order_by("opened_at").values("id", "severity", "kind", "opened_at", "resolved_at")
    return tuple(KnownIncident(**row) for row in found)


def _snapshots(*, after: datetime) -> tuple[Snapshot, ...]:
    rows = HealthSnapshot.objects.filter(taken_at__gt=after).order_by("taken_at").values_list("taken_at", "readings")
    return tuple(Snapshot(taken_at=taken_at, readings=_readings(readings)) for taken_at, readings in rows)


def _readings(readings: Any) -> dict[str, Measured]:
    if not isinstance(readings, dict):
        return {}
    return {name: Measured.parse(reading) for name, reading in readings.items()}


def _drills(*, since: datetime) -> tuple[KnownDrill, ...]:
    # One that is under way, or was interrupted, says nothing, and takes nothing back.
    rows = Drill.objects.filter(started_at__gte=since).exclude(passed=None).order_by("started_at")
    return tuple(KnownDrill(**row) for row in rows.values("name", "pct", "started_at", "passed"))


def _sends(*, since: datetime, until: datetime) -> int:
    sent = BusinessEvent.objects.filter(event_type=EventType.OUTBOUND_SENT, ts__gte=since, ts__lt=until)
    return sent.count()


def _findings(*, now: datetime) -> dict[str, Finding]:
    return prerequisites.look(phases.prerequisites_of(phases.D), now=now)
