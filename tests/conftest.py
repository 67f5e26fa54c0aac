"""Real parts as fixtures: the database with its switches, the provider sandbox over HTTP, workers as processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django_rq
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import TransactionTestCase

from canary.models import FeatureFlag
from julia import processes
from outbound.dispatcher import Dispatcher
from outbound.evolution.courier import Courier
from outbound.evolution.sandbox import RunningSandbox, running_sandbox
from outbound.models import Sender
from tests.emptying import empty_database

# What ends every test with a database of real commits.
TransactionTestCase._fixture_teardown = lambda _case: empty_database()  # type: ignore[attr-defined] # not in the stubs


@pytest.fixture
def now() -> datetime:
    """The moment the test begins: what is enqueued now is due now."""
    return datetime.now(UTC)


@pytest.fixture
def outbox_ready(transactional_db: None) -> None:
    """A database with real commits, everybody in the canary, one sender, and no job left from another test."""
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": 100})
    django_rq.get_connection("dispatch").flushdb()


@pytest.fixture
def sender(outbox_ready: None) -> Sender:
    return Sender.objects.get(instance="julia")


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """A provider over real HTTP that answers at once; faults and latency are set as it runs."""
    with running_sandbox(any_instance=True, api_key=django_settings.EVOLUTION_API_KEY, seed=1) as running:
        yield running


@pytest.fixture
def make_dispatcher(sandbox: RunningSandbox) -> Iterator[Callable[..., Dispatcher]]:
    """Build dispatchers that talk to the sandbox, inside this process."""
    with ExitStack() as stack:

        def make(*, concurrency: int = 32, **more: Any) -> Dispatcher:
            courier = Courier(url=sandbox.url, api_key=django_settings.EVOLUTION_API_KEY, connections=concurrency)
            stack.callback(courier.close)
            return Dispatcher(courier=courier, concurrency=concurrency, **more)

        yield make


@pytest.fixture
def dispatcher(outbox_ready: None, make_dispatcher: Callable[..., Dispatcher]) -> Dispatcher:
    return make_dispatcher()


@pytest.fixture
def process_env(sandbox: RunningSandbox) -> dict[str, str]:
    """What another process needs to work on this test's database, Redis and sandbox."""
    database = connection.settings_dict
    return {
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}",
        "EVOLUTION_API_URL": sandbox.url,
        "OUTBOUND_ALLOWLIST": "*",
        "LOG_LEVEL": "INFO",
    }


@pytest.fixture
def start_process(process_env: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Start management commands as processes of their own; they are stopped when the test ends."""
    with ExitStack() as stack:

        def start(*arguments: str, **env: str) -> Any:
            log = tmp_path / f"{arguments[0]}.log"
            return stack.enter_context(processes.manage(*arguments, env={**process_env, **env}, log=log))

        yield start


@pytest.fixture
def worker(outbox_ready: None, start_process: Callable[..., Any]) -> Any:
    """A real worker process."""
    return start_process("rqworker", "periodic", "dispatch")
