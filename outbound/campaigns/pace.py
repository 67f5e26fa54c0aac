"""How many messages a campaign's pace allows by now; what was not used while nobody looked is not made up for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """So many may be fed at once, and then the pace is used up to `paced_at`."""

    count: int
    paced_at: datetime


def portion(*, per_minute: int, paced_at: datetime, now: datetime) -> Portion:
    """What has become free since `paced_at`, and no more than a minute's worth at once."""
    since = max(paced_at, now - MINUTE)
    count = max(0, int(per_minute * ((now - since) / MINUTE)))
    return Portion(count=count, paced_at=since)


def after(*, per_minute: int, paced_at: datetime, fed: int) -> datetime:
    """Up to when the pace is used once so many were fed."""
    return paced_at + fed * MINUTE / per_minute
