"""The go/no-go document's five metrics as tiles: the last 24 hours of snapshots, against their thresholds.

A metric is in order when it was within its threshold in every snapshot of the day; a share (provider errors) when the
day's attempts, added up, are. A day without snapshots is not in order: nobody looked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from canary import metrics
from canary.models import HealthSnapshot
from julia.panel.charts import Sparkline, sparkline

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only

DAY = timedelta(hours=24)
HOUR = timedelta(hours=1)
# One is due every 5 minutes; more than 15 without one is a gap, as the gates have it.
LONGEST_GAP = timedelta(minutes=15)
ERROR_RATE = "provider_error_rate"
ERROR_LIMIT = 0.01

TITLES: dict[str, _StrPromise] = {
    "outbound_fallback": _("Old way out used"),
    "invalid_reply": _("Replies without proof"),
    "outbound_to_opted_out": _("Sent to who opted out"),
    ERROR_RATE: _("Provider errors"),
    "duplicates": _("Duplicates"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One metric: `is_ok` is None while there is nothing to judge by."""

    name: str
    title: _StrPromise
    threshold: str
    action: _StrPromise | str
    shown: str
    detail: str
    is_ok: bool | None
    spark: Sparkline | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The tiles, and when the last snapshot was taken."""

    tiles: tuple[Tile, ...]
    taken_at: datetime | None
    is_stale: bool


def look(*, now: datetime) -> Health:
    """Read the last 24 hours' snapshots in one query."""
    taken = list(
        HealthSnapshot.objects.filter(taken_at__gt=now - DAY, taken_at__lte=now)
        .order_by("taken_at")
        .values_list("taken_at", "readings")
    )
    known = {metric.name: metric for metric in metrics.registered()}
    last = taken[-1][0] if taken else None
    return Health(
        tiles=tuple(_tile(name, known.get(name), taken, now=now) for name in TITLES),
        taken_at=last,
        is_stale=last is None or now - last > LONGEST_GAP,
    )


Taken = Sequence[tuple[datetime, Mapping[str, Any]]]


def _tile(name: str, metric: metrics.Metric | None, taken: Taken, *, now: datetime) -> Tile:
    read = [(at, readings[name]) for at, readings in taken if name in readings]
    shown, detail, is_ok = _share(read) if name == ERROR_RATE else _count(read)
    return Tile(
        name=name,
        title=TITLES[name],
        threshold=metric.threshold if metric else "",
        action=metric.action if metric else "",
        shown=shown,
        detail=detail,
        is_ok=is_ok,
        spark=_spark_of_share(read, now=now) if name == ERROR_RATE else _spark_of_count(read, now=now),
    )


def _count(read: Taken) -> tuple[str, str, bool | None]:
    if not read:
        return "—", "", None
    total = sum(int(one["value"] or 0) for _at, one in read)
    return str(total), "", all(one["is_ok"] is True for _at, one in read)


def _share(read: Taken) -> tuple[str, str, bool | None]:
    """Add the day's attempts up; a snapshot that does not say of how many its share is proves nothing."""
    counted = [(one["part"], one["whole"]) for _at, one in read if isinstance(one.get("whole"), int)]
    if not counted:
        return "—", "", None
    part, whole = (sum(column) for column in zip(*counted, strict=True))
    rate = part / whole if whole else 0.0
    return f"{number_format(rate * 100, 2)}%", f"{part} / {whole}", len(counted) == len(read) and rate < ERROR_LIMIT


def _spark_of_count(read: Taken, *, now: datetime) -> Sparkline | None:
    points = [(1 - (now - at) / DAY, float(one["value"] or 0), one["is_ok"] is True) for at, one in read]
    return sparkline(points, limit=None)


def _spark_of_share(read: Taken, *, now: datetime) -> Sparkline | None:
    """Draw the share by the hour: of five minutes' few attempts one alone is a mountain."""
    parts: Counter[int] = Counter()
    wholes: Counter[int] = Counter()
    for at, one in read:
        hours_ago = int((now - at) / HOUR)
        parts[hours_ago] += one.get("part") or 0
        wholes[hours_ago] += one.get("whole") or 0
    points = [
        (1 - (ago + 0.5) * HOUR / DAY, parts[ago] / wholes[ago] if wholes[ago] else 0.0, True)
        for ago in sorted(wholes, reverse=True)
    ]
    return sparkline(points, limit=ERROR_LIMIT)
