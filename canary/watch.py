"""The watch: what keeps an eye on the metrics, opens incidents and acts, within a minute of the evidence.

It runs every 30 s. Each violated metric is one transaction: the incident, what was done about it and the switches
stand or fall together. The evidence is the last 24 hours', as in the document's panel; what a person resolved an
incident over is not held against Julia again.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import Error, transaction
from django.utils.dateparse import parse_datetime

from canary import drills, flags, incidents, metrics, reactions, rollout
from canary.flag_values import FlagKey
from canary.incident_kinds import Happening
from canary.incidents import SYSTEM
from canary.metrics import Metric, Reading, Window
from canary.models import Incident, IncidentEvent
from canary.reactions import Action, HoldPromotion, PauseJulia, RollBack, Violation

logger = logging.getLogger(__name__)

# Go/no-go document, Métricas de Saúde (24h).
WINDOW = timedelta(hours=24)
# Sends in doubt are settled by themselves; those that are not call a person after 15 minutes (`unknown_outcome`).
SETTLES_ITSELF = frozenset({"unknown_outcomes"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What there is against a metric before it is read: its open incident, and from when on evidence counts."""

    incident_id: int | None
    since: datetime


def watch(*, now: datetime) -> None:
    """Look at everything once: drills that were cut off, alerts that were not told, metrics, worst first.

    A metric that cannot be read keeps nobody from looking at the others.
    """
    drills.recover(now=now)
    incidents.tell_untold(now=now)
    for metric in sorted(metrics.registered(), key=lambda metric: metric.severity):
        if metric.name not in SETTLES_ITSELF:
            _look(metric, now=now)


def _look(metric: Metric, *, now: datetime) -> None:
    try:
        case = _case(metric.name, now=now)
        reading = metric.read(Window(since=case.since, until=now))
        if not reading.is_ok:
            _answer(metric, reading, case, now=now)
    except Error:
        logger.exception("The watch could not look at %s.", metric.name)


def _case(kind: str, *, now: datetime) -> Case:
    """Count from the open incident's own beginning, so that its evidence only grows; else from the last verdict."""
    last = Incident.objects.filter(kind=kind, subject="").order_by("-pk").first()
    if last is None:
        return Case(incident_id=None, since=now - WINDOW)
    if last.resolved_at is not None:
        return Case(incident_id=None, since=max(now - WINDOW, min(last.resolved_at, now)))
    opening = last.timeline.filter(what=Happening.OPENED).first()
    since = parse_datetime(opening.details.get("since", "")) if opening else None
    return Case(incident_id=last.pk, since=since or last.opened_at)


@transaction.atomic(durable=True)
def _answer(metric: Metric, reading: Reading, case: Case, *, now: datetime) -> None:
    """Report a violation and act on it; whoever watches at the same time waits for the incident's lock in `report`."""
    evidence = _evidence(reading, case)
    incident = incidents.report(kind=metric.name, severity=metric.severity, actor=SYSTEM, details=evidence, now=now)
    if incident.is_new and case.incident_id is not None:
        # Somebody resolved it while its old evidence was being read: the next look begins from there.
        transaction.set_rollback(True)
        return
    # Of what nothing is switched for, the age of a queue say, more is no news.
    has_grown = metric.name in reactions.PAUSES and not incident.is_new and reading.value > _known(incident.id)
    if not (incident.is_new or has_grown):
        return
    if has_grown:
        incidents.add(incident_id=incident.id, what=Happening.GREW, actor=SYSTEM, details=evidence, now=now)
    violation = Violation(kind=metric.name, is_new=incident.is_new, has_grown=has_grown)
    actions = reactions.react([violation], flags=flags.read_for_change())
    for action in actions:
        _act(action, incident_id=incident.id, now=now)
    if has_grown and actions:
        transaction.on_commit(lambda: incidents.tell(incident_id=incident.id, now=now), robust=True)


def _act(action: Action, *, incident_id: int, now: datetime) -> None:
    """Do one thing, and say so in the timeline."""
    reason = f"incident {incident_id}: {action.because}"
    details: dict[str, Any] = {}
    match action:
        case PauseJulia():
            what = Happening.JULIA_PAUSED
            flags.switch(key=FlagKey.JULIA, fields={"enabled": False}, actor=SYSTEM, reason=reason, now=now)
        case RollBack(to_pct=to_pct):
            what, details = Happening.ROLLED_BACK, {"to_pct": to_pct}
            rollout.shrink(to_pct=to_pct, actor=SYSTEM, reason=reason, now=now)
        case HoldPromotion():
            what = Happening.PROMOTION_HELD
    incidents.add(incident_id=incident_id, what=what, actor=SYSTEM, details=details, now=now)


def _evidence(reading: Reading, case: Case) -> dict[str, Any]:
    return {
        # JSON has no infinity: a worker that never lived.
        "value": reading.value if math.isfinite(reading.value) else None,
        "shown": reading.shown,
        "since": case.since.isoformat(),
    }


def _known(incident_id: int) -> float:
    """The most evidence that was looked at before."""
    lines = IncidentEvent.objects.filter(incident_id=incident_id, what__in=[Happening.OPENED, Happening.GREW])
    values = [line.details.get("value") for line in lines]
    return max((math.inf if value is None else value for value in values), default=math.inf)
