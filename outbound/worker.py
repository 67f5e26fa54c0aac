"""The RQ worker of this project: jobs run in its own process, since forking for each costs more than the sends do, and
a request to stop reaches the dispatcher at once.
"""

from __future__ import annotations

from typing import Any

from rq.worker import SimpleWorker

from outbound import jobs


class DispatchWorker(SimpleWorker):
    """Lets requests in flight finish when told to stop, and starts no new ones."""

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        jobs.dispatcher().stop()

    def teardown(self, *args: Any, **kwargs: Any) -> None:
        super().teardown(*args, **kwargs)  # type: ignore[no-untyped-call]
        jobs.dispatcher().close()
