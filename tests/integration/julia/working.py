"""A worker inside the test's own process."""

from __future__ import annotations

import django_rq
from rq import SimpleWorker


class _QuietWorker(SimpleWorker):
    def _install_signal_handlers(self) -> None:
        """Leave the test process its own: RQ would keep Ctrl-C for itself, long after the work."""


def work(queue: str, *, most: int | None = None) -> None:
    """Do what waits in a queue, `most` jobs of it."""
    jobs = django_rq.get_queue(queue)
    _QuietWorker([jobs], connection=jobs.connection).work(burst=True, max_jobs=most)
