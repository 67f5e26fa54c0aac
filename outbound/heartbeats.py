"""Signs of life of what must keep running, kept where the evidence is: a worker that was never started leaves none."""

from __future__ import annotations

from datetime import datetime

from outbound.models import Heartbeat

# Beats with every sweep, so it takes cron and a worker to hear it.
WORKER = "worker"


def beat(*, name: str, now: datetime) -> None:
    """Say that something lives."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": now})


def last(*, name: str) -> datetime | None:
    """When something last said that it lives; None when it never did."""
    return Heartbeat.objects.filter(name=name).values_list("beat_at", flat=True).first()
