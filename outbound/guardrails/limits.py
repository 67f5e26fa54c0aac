"""How many messages in how long: `20/hour`, `100/day`, `5/7d`, and how much of such a window is used."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

UNITS = {
    "hour": timedelta(hours=1),
    "h": timedelta(hours=1),
    "day": timedelta(days=1),
    "d": timedelta(days=1),
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
}
LIMIT = re.compile(r"(?P<count>0*[1-9]\d*)/(?P<times>0*[1-9]\d*)?(?P<unit>hour|h|day|d|minute|min)")


class InvalidLimitError(ValueError):
    """The text is no limit; the message shows how one looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `count` in any window of this length."""

    count: int
    window: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much of one limit is used: `oldest_at` is the first of the last `limit.count` that fall into the window."""

    limit: Limit
    used: int
    oldest_at: datetime | None

    @property
    def is_full(self) -> bool:
        return self.used >= self.limit.count

    def frees_at(self, now: datetime) -> datetime:
        """When the next one fits, for a full window: a message weighs on it for exactly its length."""
        return (self.oldest_at or now) + self.limit.window

    def and_more(self, count: int, now: datetime) -> Usage:
        """The usage after so many more messages at `now`."""
        return replace(self, used=self.used + count, oldest_at=self.oldest_at or now) if count else self


def parse_limit(text: str) -> Limit:
    """Read `20/hour`, `100/day` or `5/7d`.

    Raises:
        InvalidLimitError: when the text is none of the kind.
    """
    match = LIMIT.fullmatch(text.strip())
    if not match:
        raise InvalidLimitError(f"{text!r} is no limit: write it like 20/hour, 100/day or 5/7d.")
    return Limit(count=int(match["count"]), window=int(match["times"] or 1) * UNITS[match["unit"]])


def parse_limits(text: str) -> tuple[Limit, ...]:
    """Read several limits, separated by commas; all of them hold at once.

    Raises:
        InvalidLimitError: when one of them is none.
    """
    return tuple(parse_limit(part) for part in text.split(","))
