"""Snapshots of every metric, one for each five minutes: what the gates judge, the plots show, and what is remembered of
states that leave no other trace.

Each reads the five minutes before its `taken_at`, so that together they tile time, and is taken only once what began in
them is settled. There is one for a moment, however many ask; what nobody took stays a gap.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from canary import metrics
from canary.metrics import Reading, Window
from canary.models import HealthSnapshot

EVERY = timedelta(minutes=5)
# A send that began before a snapshot's end is settled, or in doubt, within the 60 s of its lease and the 5 s until the
# next look at leases; then it belongs to the snapshot and must not be missed.
SETTLED_AFTER = timedelta(seconds=90)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def take(*, now: datetime) -> HealthSnapshot | None:
    """Take the latest snapshot that can be taken by now, in one INSERT; None when it has been taken already."""
    taken_at = moment(now - SETTLED_AFTER)
    if HealthSnapshot.objects.filter(taken_at=taken_at).exists():
        return None
    window = Window(since=taken_at - EVERY, until=taken_at)
    readings = {metric.name: as_json(metric.read(window)) for metric in metrics.registered()}
    snapshot = HealthSnapshot(taken_at=taken_at, since=window.since, readings=readings)
    # Somebody else may have been as quick: then the one who was first is right.
    HealthSnapshot.objects.bulk_create([snapshot], ignore_conflicts=True)
    return snapshot


def moment(now: datetime) -> datetime:
    """The latest instant at or before `now` that snapshots are taken for: every five minutes of UTC."""
    return now - (now - _EPOCH) % EVERY


def as_json(reading: Reading) -> dict[str, Any]:
    """A reading as `HealthSnapshot.readings` keeps it; infinite values are null, which JSON has a word for."""
    return {
        "value": reading.value if math.isfinite(reading.value) else None,
        "is_ok": reading.is_ok,
        "shown": reading.shown,
        "part": reading.part,
        "whole": reading.whole,
    }


def remembered(name: str, read: Callable[[Window], Reading]) -> Callable[[Window], Reading]:
    """Make a metric that tells of the present honest for windows that are over.

    A window is over once a snapshot was taken after its end. Then the last snapshot inside it says how things stood,
    and where there is none the metric is not OK: nobody knows. Until then `read` looks at the present.
    """

    def reading(window: Window) -> Reading:
        is_over = HealthSnapshot.objects.filter(taken_at__gt=window.until).exists()
        return _recall(name, window) if is_over else read(window)

    return reading


def _recall(name: str, window: Window) -> Reading:
    inside = HealthSnapshot.objects.filter(taken_at__gt=window.since, taken_at__lte=window.until)
    snapshot = inside.filter(readings__has_key=name).order_by("-taken_at").first()
    if snapshot is None:
        return Reading(value=math.inf, is_ok=False, shown=_("not recorded"))
    kept = snapshot.readings[name]
    value = math.inf if kept["value"] is None else kept["value"]
    return Reading(value=value, is_ok=kept["is_ok"], shown=kept["shown"])
