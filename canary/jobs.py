"""What RQ calls: each reads the clock and makes one call."""

from __future__ import annotations

from django.db import close_old_connections
from django.utils import timezone

from canary import watch as watching

# Evidence is acted on within a minute.
WATCH_EVERY_S = 30


def watch() -> None:
    """Open incidents for violated metrics, and act on the critical ones."""
    close_old_connections()
    watching.watch(now=timezone.now())
