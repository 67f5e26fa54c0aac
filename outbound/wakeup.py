"""Tells a worker that something is due. A wake-up may get lost with Redis; the periodic sweep finds what is left."""

from __future__ import annotations

import logging
from functools import cache

import django_rq
import redis.exceptions
from rq import Queue

logger = logging.getLogger(__name__)

QUEUE = "dispatch"
JOB = "outbound.jobs.drain"


def wake() -> None:
    """Queue one draining of what is due, unless one is waiting to start already: it will see all that is committed.

    Never fails its caller: with Redis down the message is safe in PostgreSQL, and goes out with the next sweep.
    """
    try:
        if _queue().count == 0:
            _queue().enqueue(JOB)
    except redis.exceptions.RedisError as error:
        logger.warning(
            "No wake-up, Redis does not answer (%s): the next sweep will find what is due.", type(error).__name__
        )


@cache
def _queue() -> Queue:
    # Kept for the life of the process: each new one opens a connection of its own.
    return django_rq.get_queue(QUEUE)
