"""`manage.py rqcron`: django-rq's command with a scheduler that outlives Redis."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import Any

import redis.exceptions
from django.core.checks import Tags
from django_rq.cron import DjangoCronScheduler
from django_rq.management.commands import rqcron
from redis.client import Pipeline
from rq.exceptions import StopRequested

logger = logging.getLogger(__name__)

COME_BACK_S = 1.0


class Scheduler(DjangoCronScheduler):
    """RQ's scheduler, which can stop while Redis is away."""

    def register_death(self, pipeline: Pipeline | None = None) -> None:
        with suppress(redis.exceptions.RedisError):
            super().register_death(pipeline)


class Command(rqcron.Command):
    # As for rqworker.
    requires_system_checks = (Tags.security,)

    def handle(self, *_args: Any, **options: Any) -> None:
        # Between two schedulers it is the last one's handler that hears the signal, and raises this.
        with suppress(StopRequested):
            while not _ran_until_stopped(options["config_path"]):
                time.sleep(COME_BACK_S)


def _ran_until_stopped(schedule: str) -> bool:
    """Run one scheduler; False when Redis ended it, and another has to follow."""
    try:
        scheduler = Scheduler()
        scheduler.load_config_from_file(schedule)
        scheduler.start()  # type: ignore[no-untyped-call]
    except redis.exceptions.RedisError as error:
        logger.warning("Redis was lost (%s): beginning anew in %s s.", type(error).__name__, COME_BACK_S)
        return False
    return True
