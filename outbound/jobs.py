"""What RQ calls: each reads the clock and makes one call."""

from __future__ import annotations

import logging
from functools import cache

from django.db import close_old_connections
from django.utils import timezone

from outbound import campaigns, heartbeats, reconciler
from outbound import sweep as sweeping
from outbound.dispatcher import Dispatcher

logger = logging.getLogger(__name__)

# A job ends often enough for the periodic queue to get its turn.
DRAIN_S = 20.0
SWEEP_EVERY_S = 5
RECONCILE_EVERY_S = 5
CAMPAIGNS_EVERY_S = 5


@cache
def dispatcher() -> Dispatcher:
    """The worker process's own dispatcher: its provider connections outlive the jobs."""
    return Dispatcher.from_settings()


def drain() -> int:
    """Send what is due; answer how many messages were settled."""
    close_old_connections()
    settled = dispatcher().drain(seconds=DRAIN_S)
    sweeping.sweep(now=timezone.now())
    return settled


def sweep() -> None:
    """Say that a worker lives, expire what waited too long, and wake a worker for what is due."""
    close_old_connections()
    now = timezone.now()
    heartbeats.beat(name=heartbeats.WORKER, now=now)
    sweeping.sweep(now=now)


def run_campaigns() -> None:
    """Start campaigns at their time, feed those that run, end those whose time is over."""
    close_old_connections()
    campaigns.tick(clock=timezone.now)


def reconcile() -> None:
    """Settle by evidence what ended in doubt."""
    close_old_connections()
    reconciled = reconciler.reconcile(now=timezone.now())
    if reconciled != reconciler.NOTHING:
        logger.info("Reconciled: %s", reconciled)
