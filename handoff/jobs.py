"""What RQ calls: reads the clock and makes one call for each thing the clock does to bridges."""

from __future__ import annotations

import logging

from django.db import close_old_connections
from django.utils import timezone

from handoff import expiry, followups, witness

logger = logging.getLogger(__name__)

TICK_EVERY_S = 10


def tick() -> None:
    """Expire what is over, record what left, ask again where it is time; any number of these may run at once."""
    close_old_connections()
    now = timezone.now()
    expired, seen, asked = expiry.expire_due(now=now), witness.look(now=now), followups.send_due(now=now)
    if expired or seen or asked:
        logger.info("Bridges: %d expired, %d changes seen, %d follow-ups.", expired, seen, asked)
