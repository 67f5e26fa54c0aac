"""Workers in numbers, and a provider for senders of any name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.conf import settings as django_settings

from outbound.dispatcher import Dispatcher
from outbound.evolution.courier import Courier

# For what is not about limits: far above what a test sends.
AMPLE_LIMITS = "100000/hour,100000/day"


@pytest.fixture
def start_workers(outbox_ready: None, start_process: Callable[..., Any]) -> Callable[..., list[Any]]:
    """Start so many real worker processes on this test's database, Redis and sandbox."""

    def start(count: int, **env: str) -> list[Any]:
        return [start_process("rqworker", "periodic", "dispatch", **env) for _ in range(count)]

    return start


@pytest.fixture
def dispatcher_to(outbox_ready: None) -> Iterator[Callable[..., Dispatcher]]:
    """Build dispatchers that talk to a URL of the test's choice, inside this process."""
    with ExitStack() as stack:

        def make(url: str, *, concurrency: int = 32, **more: Any) -> Dispatcher:
            courier = Courier(url=url, api_key=django_settings.EVOLUTION_API_KEY, connections=concurrency)
            stack.callback(courier.close)
            return Dispatcher(courier=courier, concurrency=concurrency, **more)

        yield make
