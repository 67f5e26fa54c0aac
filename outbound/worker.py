"""The worker of this project: RQ's, with its jobs in its own process, since forking for each costs more than the sends
do. It outlives Redis and PostgreSQL, and told to stop it finishes the requests in flight and starts no new ones.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress

import redis.exceptions
from django.db import Error
from rq.exceptions import StopRequested
from rq.worker import SimpleWorker

from outbound import jobs

logger = logging.getLogger(__name__)

# In this order, so that a long queue never keeps the periodic work waiting.
QUEUES = ("periodic", "dispatch")
# RQ waits for a job 15 s less than this, and for Redis to answer 5 s less: one that hangs is noticed in so long.
WORKER_TTL_S = 30
COME_BACK_S = 1.0


class DispatchWorker(SimpleWorker):
    """Tells the dispatcher at once when it is told to stop, and takes no orders through Redis."""

    # RQ doubles its pauses between attempts to reach Redis up to this.
    max_connection_wait_time = COME_BACK_S

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        jobs.dispatcher().stop()

    def subscribe(self) -> None:
        """Open no channel for commands: nobody uses it, and its thread does not outlive Redis."""


def work(run: Callable[[], None]) -> None:
    """Call `run`, which works as one RQ worker, again and again until told to stop by SIGTERM or SIGINT.

    A worker that Redis or an error ended is followed by another; what is still in flight is settled at the end.
    """
    dispatcher = jobs.dispatcher()
    while not dispatcher.is_stopping:
        # Between two workers it is the last one's handler that hears the signal, and raises this.
        with suppress(StopRequested, redis.exceptions.RedisError):
            run()
            if not dispatcher.is_stopping:
                logger.warning("The worker ended: another follows in %s s.", COME_BACK_S)
                time.sleep(COME_BACK_S)
    finish()


def finish() -> None:
    """Settle what a job that failed left in flight, and let go of the provider's connections."""
    dispatcher = jobs.dispatcher()
    dispatcher.stop()
    try:
        dispatcher.drain(seconds=0)
    except Error as error:
        logger.warning("The database does not answer (%s): what was in flight is reconciled.", type(error).__name__)
    dispatcher.close()
