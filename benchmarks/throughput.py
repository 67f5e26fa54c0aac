"""How fast messages leave: ours with every guardrail against tools that only post, side by side in one run.

    make bench                      # or: python -m benchmarks.throughput --messages 3000

All of them post to the same provider sandbox, in a process of its own, from a queue that is full before the first
worker starts. The rate is what the sandbox saw: messages delivered between the first and the last. Ours counts two
workers, as RQ does; procrastinate is one process with 32 tasks in flight.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import django
import psycopg
from redis import Redis
from rich.console import Console
from rich.table import Table

BASE_DIR = Path(__file__).resolve().parent.parent
ROOT = BASE_DIR / ".local" / "bench"
LATENCIES_MS = (0, 50)
SENDERS = 4
PATIENCE_S = 240


def main() -> None:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=3000, help="messages per measurement (default 3000)")
    parser.add_argument("--workers", type=int, default=2, help="worker processes of ours and of RQ (default 2)")
    options = parser.parse_args()
    prepare()
    console = Console()
    systems: dict[str, Callable[[str, int, int], contextmanager]] = {
        "ours, every guardrail": ours,
        "RQ, one job per message": rq,
        "procrastinate, 32 in flight": procrastinate,
    }
    rates: dict[tuple[str, int], float] = {}
    for latency_ms in LATENCIES_MS:
        for name, system in systems.items():
            with sandbox(latency_ms) as url, system(url, options.messages, options.workers):
                rates[name, latency_ms] = delivery_rate(url, options.messages)
            console.print(f"{name}, {latency_ms} ms: {rates[name, latency_ms]:.0f} messages/s")
    console.print(report(list(systems), rates, options.messages))


def prepare() -> None:
    """Bring PostgreSQL and Redis of the benchmarks' own, and an empty database."""
    os.environ.update(
        {
            "EMBEDDED_ROOT": str(ROOT),
            "BUSINESS_HOURS": "mon-sun 00:00-24:00",
            "OUTBOUND_RATE_LIMITS": "1000000/hour",
            "OUTBOUND_CONTACT_CAP": "1000000/7d",
            "OUTBOUND_ALLOWLIST": "*",
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "julia.settings",
        }
    )
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DEBUG"):
        os.environ.pop(name, None)
    from julia import embedded

    embedded.start(root=ROOT, postgres=True, redis=True)
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


@contextmanager
def sandbox(latency_ms: int) -> Iterator[str]:
    from julia import processes

    arguments = ("--any-instance", "--latency-ms", str(latency_ms))
    with processes.sandbox(*arguments, env={}, log=ROOT / "logs" / "sandbox.log") as url:
        yield url


@contextmanager
def ours(url: str, messages: int, workers: int) -> Iterator[None]:
    """The outbox, full, and worker processes with every guardrail on."""
    from julia import processes

    fill_outbox(messages)
    env = {"EVOLUTION_API_URL": url}
    with ExitStack() as stack:
        for number in range(workers):
            log = ROOT / "logs" / f"worker-{number}.log"
            stack.enter_context(processes.manage("rqworker", "periodic", "dispatch", env=env, log=log))
        yield


def fill_outbox(messages: int) -> None:
    from django.core.management import call_command
    from django.db import transaction
    from django.utils import timezone

    from canary import flags
    from julia.embedded import addresses
    from outbound import contacts, outbox, senders
    from outbound.methods import Method

    call_command("flush", interactive=False, verbosity=0)
    for number in range(SENDERS):
        senders.register(instance=f"bench-{number}")
    now = timezone.now()
    with transaction.atomic():
        flags.switch(key="outbound_canary", fields={"pct": 100}, actor="bench", reason="benchmark", now=now)
    people = [contacts.Person(phone=f"55119{70000000 + number}") for number in range(messages)]
    with transaction.atomic():
        ids = contacts.find_or_create(people)
        new = [outbox.NewMessage(cliente_id=id_, method=Method.CAMPAIGN, text="Olá") for id_ in ids.values()]
        outbox.enqueue_many(new, now=now)
    with psycopg.connect(addresses.owner_url(ROOT), autocommit=True) as owner:
        owner.execute("ANALYZE")


@contextmanager
def rq(url: str, messages: int, workers: int) -> Iterator[None]:
    """One job per message, in workers that do not fork: RQ at its best."""
    from django.conf import settings

    redis_url = settings.RQ_QUEUES["dispatch"]["URL"].replace("db=0", "db=9")
    Redis.from_url(redis_url).flushdb()
    env = {"BENCH_URL": url, "BENCH_REDIS": redis_url}
    run_anchor("rq_jobs", "enqueue", str(messages), env=env)
    with running_anchors("rq_jobs", env=env, count=workers):
        yield


@contextmanager
def procrastinate(url: str, messages: int, _workers: int) -> Iterator[None]:
    """One task per message; a second process makes it no faster."""
    from julia.embedded import addresses

    admin = addresses.superuser_url(ROOT)
    with psycopg.connect(admin, autocommit=True) as admin_connection:
        admin_connection.execute("DROP DATABASE IF EXISTS bench_procrastinate WITH (FORCE)")
        admin_connection.execute("CREATE DATABASE bench_procrastinate")
    env = {"BENCH_URL": url, "BENCH_DATABASE": admin.replace("/postgres?", "/bench_procrastinate?")}
    run_anchor("procrastinate_tasks", "enqueue", str(messages), env=env)
    with running_anchors("procrastinate_tasks", env=env, count=1):
        yield


def run_anchor(module: str, *arguments: str, env: dict[str, str]) -> None:
    subprocess.run(
        [sys.executable, "-m", f"benchmarks.anchors.{module}", *arguments],
        env={**os.environ, **env},
        cwd=BASE_DIR,
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def running_anchors(module: str, *, env: dict[str, str], count: int) -> Iterator[None]:
    log = (ROOT / "logs" / f"{module}.log").open("ab")
    command = [sys.executable, "-m", f"benchmarks.anchors.{module}", "work"]
    started = [
        subprocess.Popen(command, env={**os.environ, **env}, cwd=BASE_DIR, stdout=log, stderr=log) for _ in range(count)
    ]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=30)
        log.close()


def delivery_rate(url: str, messages: int) -> float:
    """Wait until the sandbox has them all, and answer how many a second it got."""
    ends_at = time.monotonic() + PATIENCE_S
    while ask(f"{url}/_sandbox/stats")["delivered"] < messages:
        if time.monotonic() > ends_at:
            raise SystemExit("The messages did not arrive; see .local/bench/logs.")
        time.sleep(0.2)
    at = [item["accepted_at"] for item in ask(f"{url}/_sandbox/delivered")]
    return (len(at) - 1) / (max(at) - min(at))


def ask(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own sandbox
        return json.load(answer)


def report(names: list[str], rates: dict[tuple[str, int], float], messages: int) -> Table:
    """Rates, and ours as a multiple of each, per latency."""
    table = Table("system")
    for heading in ("messages/s at {} ms", "ours ÷ it at {} ms"):
        for latency_ms in LATENCIES_MS:
            table.add_column(heading.format(latency_ms))
    table.title = f"{messages} messages, {os.cpu_count()} cores shared with PostgreSQL and the sandbox"
    for name in names:
        row = [f"{rates[name, ms]:.0f}" for ms in LATENCIES_MS]
        row += [f"{rates[names[0], ms] / rates[name, ms]:.1f}" for ms in LATENCIES_MS]
        table.add_row(name, *row)
    return table


if __name__ == "__main__":
    main()
