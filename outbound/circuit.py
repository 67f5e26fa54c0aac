"""The circuit breaker of one sender: 5 failures in a row open it for 60 s (go/no-go document, Fase A), one probe at a
time tries whether the provider is back, and each failed probe doubles the wait, up to 30 minutes: probing a restricted
number too often once made the restriction worse.

State in, state out; the state lives in the sender's row.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FAILURES_TO_OPEN = 5
FIRST_WAIT = timedelta(seconds=60)
LONGEST_WAIT = timedelta(minutes=30)
# Doubling further would pass the ceiling anyway.
MOST_DOUBLINGS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """`failures` in a row; `trips` (openings) in a row without a success between; open until `open_until`."""

    failures: int = 0
    trips: int = 0
    open_until: datetime | None = None

    @property
    def is_tripped(self) -> bool:
        """Whether only a probe may go out, and that not before `open_until`."""
        return self.trips > 0

    def is_open(self, now: datetime) -> bool:
        """Whether nothing at all may go out at `now`."""
        return self.open_until is not None and now < self.open_until


# The provider answered: closed, and nothing held against it.
CLOSED = Circuit()


def after_failure(circuit: Circuit, *, now: datetime) -> Circuit:
    """Count a failure: one more in a row, an opening at the fifth, or a failed probe with twice the wait.

    A failure that arrives while the circuit is already open began before it opened, and changes nothing.
    """
    if circuit.is_open(now):
        return circuit
    failures = circuit.failures + 1
    if not circuit.is_tripped and failures < FAILURES_TO_OPEN:
        return replace(circuit, failures=failures)
    wait = min(FIRST_WAIT * 2 ** min(circuit.trips, MOST_DOUBLINGS), LONGEST_WAIT)
    return Circuit(failures=failures, trips=circuit.trips + 1, open_until=now + wait)
