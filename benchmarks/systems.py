"""The systems that are compared: how each is given messages, and how its worker processes are started."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import psycopg
from redis import Redis

from benchmarks.rig import BASE_DIR, LOGS, ROOT, empty_outbox, fill_outbox


class System(Protocol):
    """What takes messages, and posts them to the provider at `url` by worker processes of its own."""

    name: str
    # With how many it is at its best here, of those asked for.
    most_workers: int

    def empty(self, url: str) -> None:
        """Forget everything there was."""

    def fill(self, url: str, messages: int) -> None:
        """Be given so many messages at once, with nothing else in the queue."""

    def feed(self, url: str, *, rate: int, seconds: int) -> None:
        """Be given messages one by one, at a steady pace; returns when all have been."""

    def start_worker(self, url: str) -> subprocess.Popen[bytes]:
        """Start a worker process."""


@dataclass(frozen=True, slots=True)
class Ours:
    """The outbox and its workers, with every guardrail on."""

    name: str = "ours, every guardrail"
    most_workers: int = 2

    def empty(self, _url: str) -> None:
        empty_outbox()

    def fill(self, _url: str, messages: int) -> None:
        fill_outbox(messages)

    def feed(self, _url: str, *, rate: int, seconds: int) -> None:
        _run("benchmarks.anchors.outbox", "feed", str(rate), str(seconds), env={})

    def start_worker(self, url: str) -> subprocess.Popen[bytes]:
        return _start("worker", "manage.py", "rqworker", "periodic", "dispatch", env={"EVOLUTION_API_URL": url})


@dataclass(frozen=True, slots=True)
class Anchor:
    """What people would use instead: a module of `benchmarks.anchors`."""

    name: str
    module: str
    most_workers: int = 2

    def empty(self, url: str) -> None:
        if self.module == "procrastinate_tasks":
            with psycopg.connect(_superuser_url(), autocommit=True) as connection:
                connection.execute("DROP DATABASE IF EXISTS bench_procrastinate WITH (FORCE)")
                connection.execute("CREATE DATABASE bench_procrastinate")
            self._run(url, "schema")
        else:
            Redis.from_url(_redis_url()).flushdb()

    def fill(self, url: str, messages: int) -> None:
        self.empty(url)
        self._run(url, "enqueue", str(messages))

    def feed(self, url: str, *, rate: int, seconds: int) -> None:
        self._run(url, "feed", str(rate), str(seconds))

    def start_worker(self, url: str) -> subprocess.Popen[bytes]:
        return _start(self.module, "-m", f"benchmarks.anchors.{self.module}", "work", env=_anchor_env(url))

    def _run(self, url: str, *arguments: str) -> None:
        _run(f"benchmarks.anchors.{self.module}", *arguments, env=_anchor_env(url))


OURS = Ours()
ANCHORS = (
    Anchor("RQ, a job per message", "rq_jobs"),
    Anchor("Celery, 32 threads each", "celery_tasks"),
    # A second process makes it no faster.
    Anchor("procrastinate, 32 in flight", "procrastinate_tasks", most_workers=1),
)
SYSTEMS: tuple[System, ...] = (OURS, *ANCHORS)


def start_bare_clients(client: str, url: str, messages: int, count: int) -> list[subprocess.Popen[bytes]]:
    """Start so many processes that do nothing but post their share by `aiohttp` or `httpx`, without any queue."""
    command = ("-m", "benchmarks.anchors.bare_client", client)
    return [_start("bare", *command, str(n), str(count), str(messages), env=_anchor_env(url)) for n in range(count)]


def start_cron(url: str) -> subprocess.Popen[bytes]:
    """Start what settles, in ours, what a killed worker left in doubt."""
    return _start("cron", "manage.py", "rqcron", "julia.cron", env={"EVOLUTION_API_URL": url})


def _start(log_name: str, *arguments: str, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / f"{log_name}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, **env},
            cwd=BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def _run(module: str, *arguments: str, env: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", module, *arguments]
    subprocess.run(command, env={**os.environ, **env}, cwd=BASE_DIR, check=True, stdout=subprocess.DEVNULL)


def _anchor_env(url: str) -> dict[str, str]:
    return {
        "BENCH_URL": url,
        "BENCH_REDIS": _redis_url(),
        "BENCH_DATABASE": _superuser_url().replace("/postgres?", "/bench_procrastinate?"),
    }


def _superuser_url() -> str:
    from julia.embedded import addresses

    return addresses.superuser_url(ROOT)


def _redis_url() -> str:
    from django.conf import settings

    return str(settings.RQ_QUEUES["dispatch"]["URL"]).replace("db=0", "db=9")
