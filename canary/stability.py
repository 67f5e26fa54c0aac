"""What snapshots say of a stretch of time: where a metric was out of its threshold, where nobody looked, what failed.

The provider's error rate is not judged by five minutes, in which one failure of three is a third, but as the go/no-go
document has it, over 24 hours ("Métricas de Saúde (24h)"): at every snapshot the rate of the day before it. Everything
else must be within its threshold in every single snapshot; a metric that a snapshot did not read counts as out of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from canary.confidence import wilson_upper
from canary.gate_facts import Measured, Snapshot

DAY = timedelta(hours=24)
# "snapshots without a gap over 15 min": one is due every 5.
LONGEST_GAP = timedelta(minutes=15)
ERROR_RATE = "provider_error_rate"
# Métricas Core, SLOs para Decisão de Escala.
CORE_METRICS = frozenset({"outbound_fallback", "invalid_reply", "outbound_to_opted_out", ERROR_RATE, "duplicates"})
# "provider_error_rate < 1%": SLOs para Decisão de Escala.
ERROR_LIMIT = 0.01
NOT_MEASURED = Measured(is_ok=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A metric that was out of its threshold, or not read, in the snapshot taken at `at`."""

    metric: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """More than 15 minutes without a snapshot."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRate:
    """How many attempts of a stretch failed, and how high the true rate may be with it (0 to 1)."""

    errors: int
    attempts: int

    @property
    def upper(self) -> float:
        return wilson_upper(errors=self.errors, attempts=self.attempts)

    @property
    def is_proven(self) -> bool:
        return self.upper < ERROR_LIMIT


def violations(snapshots: Sequence[Snapshot], *, metrics: Iterable[str]) -> list[Violation]:
    """Find what was out of its threshold; snapshots are in order of time, and of this phase only."""
    found = [
        Violation(metric=name, at=snapshot.taken_at)
        for snapshot in snapshots
        for name in metrics
        if _is_out(name, snapshot.readings.get(name, NOT_MEASURED))
    ]
    return [*found, *_days_over(snapshots)]


def _is_out(name: str, measured: Measured) -> bool:
    if name == ERROR_RATE:
        return measured.whole is None
    return not measured.is_ok


def _days_over(snapshots: Sequence[Snapshot]) -> Iterator[Violation]:
    """Find the snapshots before which a whole day's attempts failed too often."""
    day: deque[tuple[datetime, int, int]] = deque()
    errors = attempts = 0
    for snapshot in snapshots:
        part, whole = _attempts(snapshot)
        day.append((snapshot.taken_at, part, whole))
        errors, attempts = errors + part, attempts + whole
        while day[0][0] <= snapshot.taken_at - DAY:
            _at, old_part, old_whole = day.popleft()
            errors, attempts = errors - old_part, attempts - old_whole
        if errors and errors / attempts >= ERROR_LIMIT:
            yield Violation(metric=ERROR_RATE, at=snapshot.taken_at)


def _attempts(snapshot: Snapshot) -> tuple[int, int]:
    measured = snapshot.readings.get(ERROR_RATE, NOT_MEASURED)
    return measured.part or 0, measured.whole or 0


def gaps(snapshots: Sequence[Snapshot], *, since: datetime, until: datetime) -> list[Gap]:
    """Find where nobody looked between two instants, the ends included; snapshots are in order of time."""
    taken = [snapshot.taken_at for snapshot in snapshots if since < snapshot.taken_at <= until]
    steps = zip([since, *taken], [*taken, until], strict=True)
    return [Gap(since=before, until=after) for before, after in steps if after - before > LONGEST_GAP]


def best_proof(snapshots: Sequence[Snapshot], *, clean_since: datetime, window_since: datetime) -> ErrorRate:
    """Pool the attempts of the window, and of as much clean time before it as speaks for the lowest bound.

    The document's windows are the least there must be, and a day of one number (100 messages) can prove no rate under
    1 %: whatever was clean before the window may count as well, but nothing of the window can be left out.
    """
    best = ErrorRate(errors=0, attempts=0)
    errors = attempts = 0
    for snapshot in reversed(snapshots):
        if snapshot.taken_at <= min(clean_since, window_since):
            break
        part, whole = _attempts(snapshot)
        errors, attempts = errors + part, attempts + whole
        pooled = ErrorRate(errors=errors, attempts=attempts)
        if snapshot.taken_at > window_since or pooled.upper < best.upper:
            best = pooled
    return best
