"""Gathers the parts for one scrape. A part that cannot be read is left out, and said to be: what is not known is
absent, and never a zero.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from django.db import Error, close_old_connections, connection
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from julia import redis_sign
from julia.prometheus import counted, measured, rollout, under_way

logger = logging.getLogger(__name__)

Part = Callable[..., Iterable[Metric]]
PARTS: dict[str, Part] = {
    "events": counted.events,
    "queue": under_way.queue,
    "senders": under_way.senders,
    "rollout": rollout.rollout,
    "health": measured.health,
}


class JuliaCollector(Collector):
    """All of Julia's metrics as of `now`."""

    def __init__(self, *, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Yield every family that can be read; the last ones say what could not, and how long it took."""
        started = time.monotonic()
        has_database = _database_answers()
        dependencies = GaugeMetricFamily(
            "julia_dependency_up", "Whether what Julia stands on answers.", labels=["dependency"]
        )
        dependencies.add_metric(["postgresql"], has_database)
        dependencies.add_metric(["redis"], redis_sign.answers())
        yield dependencies
        parts_up = GaugeMetricFamily(
            "julia_part_up", "Whether a part of these metrics could be read; what could not is absent.", labels=["part"]
        )
        for name, part in PARTS.items():
            families = self._read(name, part) if has_database else None
            yield from families or ()
            parts_up.add_metric([name], families is not None)
        yield parts_up
        yield GaugeMetricFamily(
            "julia_scrape_seconds", "How long it took to read all this.", value=time.monotonic() - started
        )

    def _read(self, name: str, part: Part) -> list[Metric] | None:
        try:
            return list(part(now=self._now))
        except Error as error:
            logger.warning("The %s metrics cannot be read (%s).", name, type(error).__name__)
            close_old_connections()
            return None


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        close_old_connections()
        return False
    return True
