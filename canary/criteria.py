"""The rows of a gate: "stable" taken strictly, one small function a criterion.

The window is the phase's least (24 h, 48 h, 7 days), up to now, and never reaches behind the entry into where we stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from canary import confidence, phases, stability
from canary.gate_facts import MINOR, Evidence, Finding, KnownDrill, KnownIncident, Snapshot
from canary.phases import Phase
from canary.stability import ErrorRate, Gap, Violation

Details = Mapping[str, str | int | float | datetime]


class Code(StrEnum):
    """The criteria of "stable"; the prerequisites of the phases go by their own names."""

    LONG_ENOUGH = "long_enough"
    METRICS_HELD = "metrics_held"
    NO_GAP = "no_gap"
    NO_INCIDENT = "no_incident"
    SWITCHES_DRILLED = "switches_drilled"
    PLAYBOOK_DRILLED = "playbook_drilled"
    ENOUGH_SENDS = "enough_sends"
    ERROR_RATE = "error_rate"


class Lack(StrEnum):
    """Why a criterion is not met."""

    POSITION_UNKNOWN = "position_unknown"
    TOO_SOON = "too_soon"
    NOTHING_MEASURED = "nothing_measured"
    METRIC_VIOLATED = "metric_violated"
    GAP = "gap"
    INCIDENT = "incident"
    DRILL_MISSING = "drill_missing"
    DRILL_FAILED = "drill_failed"
    TOO_FEW_SENDS = "too_few_sends"
    RATE_NOT_PROVEN = "rate_not_proven"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One thing that stands in the way, with its counts, names and instants."""

    reason: Lack
    details: Details


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One row of the gate: met when nothing is missing, else not before `earliest_at`.

    What only waits for somebody to do it has none: it can be met at once.
    """

    code: str
    missing: tuple[Missing, ...] = ()
    details: Details = field(default_factory=dict)
    earliest_at: datetime | None = None

    @property
    def is_met(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The evidence cut to the phase and its window: after `since`, up to `now`, all in UTC."""

    evidence: Evidence
    target: Phase
    now: datetime
    start: datetime
    since: datetime
    snapshots: tuple[Snapshot, ...]
    violations: tuple[Violation, ...]
    gaps: tuple[Gap, ...]

    @property
    def drills(self) -> list[KnownDrill]:
        """Those of this phase, the last one last."""
        mine = [drill for drill in self.evidence.drills if drill.pct == self.evidence.pct]
        return sorted((d for d in mine if self.start <= d.started_at <= self.now), key=lambda d: d.started_at)


def judge(evidence: Evidence, *, target: Phase, now: datetime) -> tuple[Criterion, ...]:
    """Judge every criterion of a phase, the stability first and the live prerequisites last; `now` is in UTC."""
    case = _case(evidence, target=target, now=now)
    rows = [criterion(case) for criterion in STABLE]
    rows += [criterion(case) for criterion in TRAFFIC if target.needs_traffic]
    rows += [_playbook_drilled(case)] if target.drills else []
    return (*rows, *(prerequisite(name, evidence.prerequisites) for name in phases.prerequisites_of(target)))


def prerequisite(name: str, findings: Mapping[str, Finding]) -> Criterion:
    """Judge one look at the live system; what nobody looked at is not there."""
    finding = findings.get(name, Finding(is_met=False))
    missing = () if finding.is_met else (Missing(reason=Lack.NOT_FOUND, details=finding.details),)
    return Criterion(code=name, missing=missing, details=finding.details)


def _case(evidence: Evidence, *, target: Phase, now: datetime) -> Case:
    start = evidence.entered_at.astimezone(UTC) if evidence.entered_at else now
    in_order = sorted(
        (Snapshot(taken_at=s.taken_at.astimezone(UTC), readings=s.readings) for s in evidence.snapshots),
        key=lambda snapshot: snapshot.taken_at,
    )
    mine = tuple(snapshot for snapshot in in_order if snapshot.taken_at > start)
    since = max(start, now - target.stable_for)
    return Case(
        evidence=evidence,
        target=target,
        now=now,
        start=start,
        since=since,
        snapshots=mine,
        violations=tuple(stability.violations(mine, metrics=sorted(evidence.metrics))),
        gaps=tuple(stability.gaps(mine, since=start, until=now)),
    )


def _long_enough(case: Case) -> Criterion:
    earliest_at = case.start + case.target.stable_for
    hours = {"hours": int(case.target.stable_for.total_seconds()) // 3600}
    if case.evidence.entered_at is None:
        missing = (Missing(reason=Lack.POSITION_UNKNOWN, details={"pct": case.evidence.pct}),)
    elif earliest_at > case.now:
        missing = (Missing(reason=Lack.TOO_SOON, details={"entered_at": case.start, **hours}),)
    else:
        return Criterion(code=Code.LONG_ENOUGH, details={"entered_at": case.start, **hours})
    return Criterion(code=Code.LONG_ENOUGH, missing=missing, details=hours, earliest_at=earliest_at)


def _metrics_held(case: Case) -> Criterion:
    if not any(snapshot.taken_at > case.since for snapshot in case.snapshots):
        return _criterion(Code.METRICS_HELD, (Missing(reason=Lack.NOTHING_MEASURED, details={}),))
    inside: dict[str, list[datetime]] = {}
    for violation in case.violations:
        if violation.at > case.since:
            inside.setdefault(violation.metric, []).append(violation.at)
    missing = tuple(
        Missing(reason=Lack.METRIC_VIOLATED, details={"metric": metric, "snapshots": len(times), "last_at": max(times)})
        for metric, times in inside.items()
    )
    last_at = max((max(times) for times in inside.values()), default=case.since)
    return _criterion(Code.METRICS_HELD, missing, earliest_at=last_at + case.target.stable_for)


def _no_gap(case: Case) -> Criterion:
    """No gap reaches into the window, however little of it does."""
    found = [gap for gap in case.gaps if gap.until > case.since]
    missing = tuple(Missing(reason=Lack.GAP, details={"since": gap.since, "until": gap.until}) for gap in found)
    ends = found[-1].until if found else case.now
    return _criterion(Code.NO_GAP, missing, earliest_at=ends + case.target.stable_for)


def _no_incident(case: Case) -> Criterion:
    """No P0 or P1 was open, or opened, at any moment of the window."""
    grave = [incident for incident in case.evidence.incidents if incident.severity not in MINOR]
    inside = [incident for incident in grave if incident.resolved_at is None or incident.resolved_at > case.since]
    missing = tuple(Missing(reason=Lack.INCIDENT, details=_about(incident)) for incident in inside)
    over_at = max((incident.resolved_at or case.now for incident in inside), default=case.now).astimezone(UTC)
    return _criterion(Code.NO_INCIDENT, missing, earliest_at=over_at + case.target.stable_for)


def _about(incident: KnownIncident) -> Details:
    state = "open" if incident.resolved_at is None else "resolved"
    return {"id": incident.id, "severity": incident.severity, "kind": incident.kind, "state": state}


def _switches_drilled(case: Case) -> Criterion:
    """Both kill switches were tried in the window, and the last try of each passed."""
    recent = [drill for drill in case.drills if drill.started_at > case.since]
    missing = _drills_missing(phases.SWITCH_DRILLS, recent)
    return _criterion(Code.SWITCHES_DRILLED, missing)


def _playbook_drilled(case: Case) -> Criterion:
    """Every drill was done where we stand now, and the last try of each passed."""
    return _criterion(Code.PLAYBOOK_DRILLED, _drills_missing(case.target.drills, case.drills))


def _drills_missing(names: tuple[str, ...], drills: list[KnownDrill]) -> tuple[Missing, ...]:
    last = {drill.name: drill for drill in drills}
    return tuple(
        Missing(reason=Lack.DRILL_FAILED if name in last else Lack.DRILL_MISSING, details={"drill": name})
        for name in names
        if name not in last or not last[name].passed
    )


def _enough_sends(case: Case) -> Criterion:
    counts = {"sends": case.evidence.sends, "needed": case.evidence.least_sends}
    is_met = case.evidence.sends >= case.evidence.least_sends
    missing = () if is_met else (Missing(reason=Lack.TOO_FEW_SENDS, details=counts),)
    return _criterion(Code.ENOUGH_SENDS, missing, details=counts)


def _error_rate(case: Case) -> Criterion:
    rate = stability.best_proof(case.snapshots, clean_since=_clean_since(case), window_since=case.since)
    figures = _figures(rate)
    missing = () if rate.is_proven else (Missing(reason=Lack.RATE_NOT_PROVEN, details=figures),)
    return _criterion(Code.ERROR_RATE, missing, details=figures)


def _figures(rate: ErrorRate) -> Details:
    needed = confidence.clean_attempts_needed(errors=rate.errors, attempts=rate.attempts, limit=stability.ERROR_LIMIT)
    return {"errors": rate.errors, "attempts": rate.attempts, "upper": round(rate.upper, 6), "still_needed": needed}


def _clean_since(case: Case) -> datetime:
    return max([case.start, *(violation.at for violation in case.violations), *(gap.until for gap in case.gaps)])


def _criterion(
    code: str, missing: tuple[Missing, ...], *, earliest_at: datetime | None = None, details: Details | None = None
) -> Criterion:
    return Criterion(code=code, missing=missing, details=details or {}, earliest_at=earliest_at if missing else None)


STABLE: tuple[Callable[[Case], Criterion], ...] = (
    _long_enough,
    _metrics_held,
    _no_gap,
    _no_incident,
    _switches_drilled,
)
TRAFFIC: tuple[Callable[[Case], Criterion], ...] = (_enough_sends, _error_rate)
