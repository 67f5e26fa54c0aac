"""Whether the canary may grow: one pure function over frozen facts, that tells all that is missing and until when.

Worked example. We stand at 10 % since Monday 09:00 and ask on Tuesday at 12:00; the next phase is B, its window 24 h.

- At 02:00 one snapshot read a message to somebody who had opted out. `metrics_held` is not met: the 24 h count from the
  last violation, so it can be met on Wednesday at 02:00 at the earliest.
- Between the snapshots of 04:05 and 04:25 there is none: 20 minutes in which nobody looked. `no_gap` is not met before
  Wednesday 04:25, for what nobody saw is no evidence.
- Of 400 attempts one failed at the provider: 0.25 %, but as few errors would still come up one time in twenty if the
  true rate were 1.1 %. `error_rate` is not met; 46 more attempts without an error would do.
- Both kill switches were drilled on Monday at 18:00, in the window: `switches_drilled` is met. On Wednesday at 04:25
  that is more than a day ago, and they have to be drilled again.

So the gate is NO-GO, and Wednesday 04:25 is the earliest it can be GO. Promoting before is refused with this very list.

Three promises, which hypothesis tests: a violation in the window is never GO; another violation never turns NO-GO into
GO; data that is missing never helps. (What happens between two snapshots no more than 15 minutes apart, in a time that
neither covers, nobody knows unless an incident tells of it: that much is tolerated.)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from canary import criteria, phases
from canary.criteria import Criterion, Details
from canary.gate_facts import Evidence
from canary.phases import Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """The answer for the next phase; at the top there is none (`target` None), and nothing to go to."""

    judged_at: datetime
    pct: int
    target: Phase | None
    criteria: tuple[Criterion, ...]

    @property
    def is_go(self) -> bool:
        return self.target is not None and all(criterion.is_met for criterion in self.criteria)

    @property
    def unmet(self) -> tuple[Criterion, ...]:
        return tuple(criterion for criterion in self.criteria if not criterion.is_met)

    @property
    def earliest_at(self) -> datetime | None:
        """The first instant at which everything unmet can be met."""
        return max((criterion.earliest_at or self.judged_at for criterion in self.unmet), default=None)


def evaluate(evidence: Evidence) -> Gate:
    """Judge whether the canary may grow to the next phase, and say for every criterion what is missing, until when."""
    now = evidence.now.astimezone(UTC)
    target = phases.next_above(evidence.pct)
    rows = criteria.judge(evidence, target=target, now=now) if target else ()
    return Gate(judged_at=now, pct=evidence.pct, target=target, criteria=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the go/no-go document's table (Resumo Executivo): a phase, its answer and its own prerequisites."""

    phase: Phase
    is_go: bool
    is_current: bool
    prerequisites: tuple[Criterion, ...]


def table(evidence: Evidence, gate: Gate) -> tuple[Row, ...]:
    """Lay out all phases: those we are in are GO while their prerequisites hold, beyond the next one none is."""
    return tuple(_row(phase, evidence, gate) for phase in phases.PHASES)


def _row(phase: Phase, evidence: Evidence, gate: Gate) -> Row:
    found = tuple(criteria.prerequisite(name, evidence.prerequisites) for name in phase.prerequisites)
    is_inside = phase.pct <= evidence.pct
    is_go = all(row.is_met for row in found) if is_inside else phase is gate.target and gate.is_go
    return Row(phase=phase, is_go=is_go, is_current=phase is phases.at(evidence.pct), prerequisites=found)


def as_json(gate: Gate) -> dict[str, Any]:
    """Write a gate down for programs and for the history; instants are ISO 8601 in UTC."""
    return {
        "judged_at": gate.judged_at.isoformat(),
        "pct": gate.pct,
        "phase": gate.target and gate.target.code,
        "to_pct": gate.target and gate.target.pct,
        "go": gate.is_go,
        "earliest_at": gate.earliest_at and gate.earliest_at.isoformat(),
        "criteria": [_criterion_json(criterion) for criterion in gate.criteria],
    }


def _criterion_json(criterion: Criterion) -> dict[str, Any]:
    return {
        "code": str(criterion.code),
        "met": criterion.is_met,
        "earliest_at": criterion.earliest_at and criterion.earliest_at.isoformat(),
        "details": _plain(criterion.details),
        "missing": [{"reason": str(lack.reason), **_plain(lack.details)} for lack in criterion.missing],
    }


def _plain(details: Details) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in details.items()}
