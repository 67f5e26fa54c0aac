"""Snapshots of the metrics as the periodic job takes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from canary.models import HealthSnapshot

COUNTED = ("outbound_fallback", "invalid_reply", "outbound_to_opted_out", "duplicates", "unknown_outcomes")
SECONDS = ("queue_age", "worker_heartbeat")
EVERY = timedelta(minutes=5)


def readings(*, errors: int = 0, attempts: int = 20, **counts: int) -> dict[str, dict[str, Any]]:
    """What every metric of the document read; all is well unless said otherwise."""
    rate = errors / attempts if attempts else 0.0
    read: dict[str, dict[str, Any]] = {
        name: {"value": counts.get(name, 0), "is_ok": counts.get(name, 0) == 0, "shown": str(counts.get(name, 0))}
        for name in COUNTED
    }
    read |= {name: {"value": 3, "is_ok": True, "shown": "3 s"} for name in SECONDS}
    read["provider_error_rate"] = {
        "value": rate,
        "is_ok": rate < 0.01,
        "shown": f"{rate:.2%}",
        "part": errors,
        "whole": attempts,
    }
    return read


def snapshot(*, at: datetime, **read: int) -> HealthSnapshot:
    """One snapshot."""
    return HealthSnapshot.objects.create(taken_at=at, since=at - EVERY, readings=readings(**read))
