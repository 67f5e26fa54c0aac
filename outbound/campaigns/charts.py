"""Bars: how a whole is divided, and how it goes by the hour, for a page or a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
# More bars than this nobody tells apart; a campaign longer than that shows its first hours.
MOST_HOURS = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a whole: `percent` is 0 to 100 with a point, as styles want it in any language."""

    kind: str
    name: str
    count: int
    percent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What happened in one hour, as high as `percent` of the highest."""

    hour: datetime
    count: int
    percent: str


def divide(parts: Sequence[tuple[str, str, int]]) -> list[Piece]:
    """Divide a whole into `(kind, name, count)`; what is empty takes no room."""
    whole = sum(count for _kind, _name, count in parts)
    return [
        Piece(kind=kind, name=name, count=count, percent=_percent(count, whole)) for kind, name, count in parts if count
    ]


def by_hour(counts: Mapping[datetime, int], *, since: datetime, until: datetime) -> list[Column]:
    """One column an hour, those in which nothing happened too."""
    top = max(counts.values(), default=0)
    first = since.replace(minute=0, second=0, microsecond=0)
    last = max([until, *counts])
    hours = [first + n * HOUR for n in range(MOST_HOURS) if first + n * HOUR <= last]
    return [Column(hour=hour, count=counts.get(hour, 0), percent=_percent(counts.get(hour, 0), top)) for hour in hours]


def _percent(count: int, whole: int) -> str:
    return f"{100 * count / whole:.2f}" if whole else "0"
