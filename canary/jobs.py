"""What RQ calls: each reads the clock and makes one call."""

from __future__ import annotations

import logging

from django.db import close_old_connections
from django.utils import timezone

from canary import daily_summary, snapshots, tallies
from canary import watch as watching

logger = logging.getLogger(__name__)

# More often than there is something to do, so that a snapshot or a summary that one run missed is the next one's.
SNAPSHOT_EVERY_S = 60
SUMMARY_EVERY_S = 60
# Evidence is acted on within a minute.
WATCH_EVERY_S = 30
# What is not added up yet is counted with each scrape of /metrics.
TALLY_EVERY_S = 60


def take_snapshot() -> None:
    """Take the snapshot of the last five minutes, if nobody has yet."""
    close_old_connections()
    snapshots.take(now=timezone.now())


def tell_summary() -> None:
    """Tell of the day, from 09:00 in São Paulo, if nobody has yet; what nobody heard is told a minute later."""
    close_old_connections()
    try:
        daily_summary.tell(now=timezone.now())
    except daily_summary.NotToldError as error:
        logger.warning("The daily summary was not told (%s): trying again in %s s.", error, SUMMARY_EVERY_S)


def watch() -> None:
    """Open incidents for violated metrics, and act on the critical ones."""
    close_old_connections()
    watching.watch(now=timezone.now())


def tally() -> None:
    """Add up the events that nothing can be added to any more."""
    close_old_connections()
    tallies.advance(now=timezone.now())
