"""Sends and blocks of the last 24 hours as two charts over one axis of time: blocks are few, and would drown."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import connection
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from canary.event_types import EventType
from julia.panel.charts import Bar, bars, round_up
from outbound.words import reason

HOURLY = (Path(__file__).parent / "queries" / "hourly.sql").read_text(encoding="utf-8")
HOURS = 24
WIDTH, HEIGHT = 960, 120
# More colours than this nobody tells apart: the rest is one.
MOST_REASONS = 5
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the legend."""

    kind: int
    name: str
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars by the hour with their legend; `top` is the count at the upper edge."""

    title: str
    bars: list[Bar]
    legend: list[Entry]
    top: int
    hours: list[str]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def total(self) -> int:
        return sum(entry.total for entry in self.legend)


def charts(*, now: datetime) -> list[Chart]:
    """Draw what left, and what was blocked by reason, in the 24 hours up to this one."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - HOUR * ago for ago in reversed(range(HOURS))]
    sent: Counter[datetime] = Counter()
    blocked: Counter[tuple[datetime, str]] = Counter()
    for hour, type_, code, count in _rows(since=hours[0], until=this_hour + HOUR):
        if type_ == EventType.OUTBOUND_SENT:
            sent[hour] += count
        else:
            blocked[hour, code or ""] += count
    return [
        _chart(_("Sent per hour"), hours, {_("sent"): sent}),
        _chart(_("Blocked per hour, by reason"), hours, _by_reason(blocked)),
    ]


def _rows(*, since: datetime, until: datetime) -> list[tuple[datetime, str, str | None, int]]:
    with connection.cursor() as cursor:
        cursor.execute(HOURLY, {"since": since, "until": until})
        return list(cursor.fetchall())


def _by_reason(blocked: Counter[tuple[datetime, str]]) -> dict[str, Counter[datetime]]:
    totals: Counter[str] = Counter()
    for (_hour, code), count in blocked.items():
        totals[code] += count
    kept = [code for code, _count in totals.most_common(MOST_REASONS)]
    series: dict[str, Counter[datetime]] = {reason(code) or _("other"): Counter() for code in kept}
    for (hour, code), count in blocked.items():
        name = (reason(code) or _("other")) if code in kept else _("other")
        series.setdefault(name, Counter())[hour] += count
    return series


def _chart(title: str, hours: list[datetime], series: dict[str, Counter[datetime]]) -> Chart:
    columns = [[counts[hour] for counts in series.values()] for hour in hours]
    top = round_up(max((sum(column) for column in columns), default=0) or 1)
    labels = [_label(hour, dict(zip(series, column, strict=True))) for hour, column in zip(hours, columns, strict=True)]
    return Chart(
        title=title,
        bars=bars(list(zip(labels, columns, strict=True)), top=top, width=WIDTH, height=HEIGHT),
        legend=[
            Entry(kind=kind, name=name, total=counts.total()) for kind, (name, counts) in enumerate(series.items())
        ],
        top=top,
        hours=[f"{localtime(hour):%H}h" if localtime(hour).hour % 3 == 0 else "" for hour in hours],
    )


def _label(hour: datetime, counts: dict[str, int]) -> str:
    told = ", ".join(f"{name}: {count}" for name, count in counts.items() if count)
    return f"{date_format(localtime(hour), 'D H')}h — {told or '0'}"
