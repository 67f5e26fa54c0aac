"""What a picture shows, loaded: snapshots, phases and incidents of a window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from canary import metrics
from canary.metrics import Metric, Window
from canary.models import HealthSnapshot, Incident, PhaseTransition


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """The canary's percentage from one instant to another."""

    since: datetime
    until: datetime
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """`readings` are those of each snapshot by its instant, oldest first."""

    window: Window
    metrics: Sequence[Metric]
    readings: Sequence[tuple[datetime, Mapping[str, Any]]]
    phases: Sequence[Phase]
    incidents: Sequence[Incident]


def load(window: Window) -> History:
    """Load the snapshots of a window, and the phases and incidents that were in it."""
    taken = HealthSnapshot.objects.filter(taken_at__gte=window.since, taken_at__lte=window.until).order_by("taken_at")
    lasted = Q(resolved_at=None) | Q(resolved_at__gt=window.since)
    return History(
        window=window,
        metrics=metrics.registered(),
        readings=list(taken.values_list("taken_at", "readings")),
        phases=list(_phases(window)),
        incidents=list(Incident.objects.filter(lasted, opened_at__lt=window.until).order_by("opened_at")),
    )


def _phases(window: Window) -> Iterator[Phase]:
    transitions = list(PhaseTransition.objects.filter(at__lt=window.until).order_by("id"))
    changes = [(transition.at, transition.to_pct) for transition in transitions]
    if transitions:
        # Before the first on record it was as that one found it.
        changes.insert(0, (window.since, transitions[0].from_pct))
    ends = [*(at for at, _percent in changes[1:]), window.until]
    for (at, percent), until in zip(changes, ends, strict=True) if changes else ():
        if until > window.since:
            yield Phase(since=max(at, window.since), until=until, percent=percent)
