"""What a gate judges by, loaded once and frozen: `canary.evidence` fills it, `canary.gates` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

# "Zero alertas P0/P1": whatever is not known to be less stands in the way.
MINOR = frozenset({"P2", "P3"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One metric in one snapshot; a share also has its numerator and denominator."""

    is_ok: bool
    part: int | None = None
    whole: int | None = None

    @classmethod
    def parse(cls, reading: Any) -> Self:
        """Read a snapshot's JSON strictly: what is not exactly as it should be is not within its threshold."""
        if not isinstance(reading, Mapping):
            return cls(is_ok=False)
        part, whole = reading.get("part"), reading.get("whole")
        if part is None and whole is None:
            return cls(is_ok=reading.get("is_ok") is True)
        if type(part) is not int or type(whole) is not int or not 0 <= part <= whole:
            return cls(is_ok=False)
        return cls(is_ok=reading.get("is_ok") is True, part=part, whole=whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was read at `taken_at` for the five minutes before it, by the metric's name."""

    taken_at: datetime
    readings: Mapping[str, Measured]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIncident:
    """An incident that is open, or was resolved not long ago."""

    id: int
    severity: str
    kind: str
    opened_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDrill:
    """A drill; `passed` is None while it runs, and for good when it was cut off."""

    name: str
    pct: int
    started_at: datetime
    passed: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a look at the live system showed; `details` say what was seen, free of personal data."""

    is_met: bool
    details: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything as of `now`.

    `pct` is where the canary stands, since `entered_at` (None: it was changed by other means, and nobody knows).
    `metrics` are the names every snapshot must have read. `sends` are those of the window before the next phase.
    """

    now: datetime
    pct: int
    entered_at: datetime | None
    metrics: frozenset[str]
    snapshots: tuple[Snapshot, ...]
    incidents: tuple[KnownIncident, ...]
    drills: tuple[KnownDrill, ...]
    sends: int
    least_sends: int
    prerequisites: Mapping[str, Finding]
