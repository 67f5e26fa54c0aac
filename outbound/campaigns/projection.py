"""When each message of a rehearsal would leave, by the limits of its number, the pace and business hours.

A number that may send 20 an hour sends the 21st an hour after the first. What it has sent before the rehearsal counts:
the oldest of it frees its place when it does, the rest is taken to be as new as can be, which errs on the late side.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from outbound.guardrails.business_hours import BusinessHours
from outbound.guardrails.limits import Limit, Usage

MINUTE = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class Departures:
    """Gives messages their times, one after the other from `at` on; asked in the order in which they are ready."""

    at: datetime
    hours: BusinessHours
    per_minute: int | None = None
    fed: int = 0
    _sent: dict[UUID | None, list[tuple[Limit, deque[datetime]]]] = field(default_factory=dict)

    def next(self, *, ready_at: datetime, sender_id: UUID | None, usages: Sequence[Usage]) -> datetime:
        """When the next message through this number leaves; `usages` are the number's, as of `at`."""
        sent = self._sent.setdefault(sender_id, [self._used(usage) for usage in usages])
        leaves_at = max(ready_at, self.paced())
        for limit, times in sent:
            if len(times) == limit.count:
                leaves_at = max(leaves_at, times[0] + limit.window)
        if not self.hours.is_open(leaves_at):
            leaves_at = self.hours.next_opening(leaves_at)
        for _limit, times in sent:
            times.append(leaves_at)
        self.fed += 1
        return leaves_at

    def paced(self) -> datetime:
        """When the pace alone would let the next one go."""
        return self.at + self.fed * MINUTE / self.per_minute if self.per_minute else self.at

    def _used(self, usage: Usage) -> tuple[Limit, deque[datetime]]:
        used = min(usage.used, usage.limit.count)
        before = [usage.oldest_at or self.at, *[self.at] * (used - 1)] if used else []
        return usage.limit, deque(before, maxlen=usage.limit.count)
