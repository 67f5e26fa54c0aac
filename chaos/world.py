"""A whole Julia of its own for each run: PostgreSQL, Redis, provider sandbox, workers and cron, with hands on all."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis as redis_client
from psycopg.rows import dict_row

from chaos.nursery import Forked
from chaos.verdict import Row, Verdict, judge
from julia.embedded import addresses
from julia.embedded.postgres import Postgres
from julia.embedded.redis import Redis
from outbound.evolution.sandbox import RunningSandbox, running_sandbox

BASE_DIR = Path(__file__).resolve().parent.parent
TEMPLATE = "template"
LOOK_EVERY_S = 0.5
RUN_S = 120.0
AMPLE = 1_000_000


class ChaosError(RuntimeError):
    """The run itself could not be carried out; it says nothing about the promise."""


@dataclass(slots=True, kw_only=True)
class World:
    """What a scenario disturbs and looks at; `sabotage` names the guard its workers and cron run without."""

    root: Path
    postgres: Postgres
    redis: Redis
    sandbox: RunningSandbox
    random: random.Random
    sabotage: str | None
    concurrency: int
    limit: int | None
    accepted: int = 0
    requests_while_off: int = 0
    _nursery: subprocess.Popen[str] | None = None
    _processes: dict[Forked, Path] = field(default_factory=dict)

    # --- processes ----------------------------------------------------------------------------------------------------

    def start_workers(self, count: int) -> list[Forked]:
        """Start so many workers."""
        return [self.start("rqworker", "periodic", "dispatch") for _ in range(count)]

    def start_cron(self) -> Forked:
        """Start what sweeps and reconciles every few seconds."""
        return self.start("rqcron", "julia.cron")

    def start(self, *command: str) -> Forked:
        """Start a management command, without its guard where the run is sabotaged."""
        return self._fork(command, guard=self.sabotage)

    def _fork(self, command: Sequence[str], *, guard: str | None, given: str = "") -> Forked:
        files = self.root / f"{command[0]}-{len(self._processes)}"
        files.with_suffix(".in").write_text(given, encoding="utf-8")
        order = {"command": command, "guard": guard, "files": str(files)}
        process = Forked(int(self._ask_nursery(json.dumps(order))))
        self._processes[process] = files
        return process

    def _ask_nursery(self, order: str) -> str:
        if self._nursery is None:
            self._nursery = subprocess.Popen(
                [sys.executable, "-m", "chaos.nursery"],
                cwd=BASE_DIR,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._nursery.stdin is not None  # noqa: S101 - as it was asked for
        assert self._nursery.stdout is not None  # noqa: S101 - the same
        self._nursery.stdin.write(order + "\n")
        self._nursery.stdin.flush()
        return self._nursery.stdout.readline()

    def is_at_work(self, worker: Forked) -> bool:
        """Whether a worker has come up: one that is killed before that tries nothing."""
        log = self._processes[worker].with_suffix(".err")
        return log.exists() and "Listening on" in log.read_text(encoding="utf-8")

    def kill(self, process: Forked) -> None:
        """End a process as a power cut does."""
        process.kill()
        process.wait()

    def run(self, *command: str, given: str = "") -> str:
        """Run a management command to its end on what it is given to read, and answer what it wrote.

        Raises:
            ChaosError: when it fails.
        """
        process = self._fork(command, guard=None, given=given)
        process.wait(timeout=RUN_S)
        files = self._processes[process]
        if files.with_suffix(".status").read_text(encoding="ascii") != "0":
            raise ChaosError(f"manage.py {command[0]} failed:\n{files.with_suffix('.err').read_text()[-2000:]}")
        return files.with_suffix(".out").read_text(encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        return {
            **_environment(self.root),
            "EVOLUTION_API_URL": self.sandbox.url,
            "OUTBOUND_CONCURRENCY": str(self.concurrency),
            "OUTBOUND_RATE_LIMITS": f"{self.limit or AMPLE}/hour",
        }

    # --- messages -----------------------------------------------------------------------------------------------------

    def enqueue(self, count: int) -> None:
        """Have so many messages accepted, each with a text and a doctor of its own, as programs do it."""
        numbers = range(self.accepted, self.accepted + count)
        lines = (
            json.dumps({"telefone": f"55119{70_000_000 + number}", "method": "campaign", "text": f"Plantão {number}"})
            for number in numbers
        )
        answers = self.run("enqueue", "--jsonl", "-", given="\n".join(lines)).splitlines()
        queued = sum(json.loads(answer)["result"] == "queued" for answer in answers)
        if queued != count:
            raise ChaosError(f"only {queued} of {count} messages were accepted")
        self.accepted += count

    def query(self, statement: str) -> list[dict[str, Any]]:
        """Ask PostgreSQL."""
        with psycopg.connect(addresses.database_url(self.root), row_factory=dict_row, autocommit=True) as connection:
            return connection.execute(statement.encode()).fetchall()

    def by_status(self) -> dict[str, int]:
        """How many messages stand in each status."""
        rows = self.query("SELECT status, count(*) AS messages FROM outbound_messages GROUP BY status")
        return {row["status"]: row["messages"] for row in rows}

    def verdict(self, *, may_park: bool) -> Verdict:
        """Judge what has become of everything so far."""
        rows = [Row(**row) for row in self.query("SELECT text, status, provider_message_id FROM outbound_messages")]
        delivered: dict[str, list[str]] = defaultdict(list)
        for message in self.sandbox.delivered():
            delivered[message.text].append(message.id)
        return judge(
            accepted=self.accepted,
            rows=rows,
            delivered=delivered,
            may_park=may_park,
            limit=self.limit,
            while_off=self.requests_while_off,
        )

    def wait_for(self, look: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Wait until `look` says so.

        Raises:
            ChaosError: when it does not in time.
        """
        ends_at = time.monotonic() + seconds
        while not look():
            if time.monotonic() > ends_at:
                raise ChaosError(f"{what} did not happen within {seconds:.0f} s")
            time.sleep(LOOK_EVERY_S / 5)

    @contextmanager
    def campaigns_off(self) -> Iterator[None]:
        """Switch campaigns off for a while, as an operator does; requests made meanwhile are counted against us."""
        self.run("killswitch", "campaigns", "off", "--reason", "chaos", "--actor", "chaos")
        self.wait_for(lambda: self.sandbox.stats()["in_flight"] == 0, seconds=40, what="the end of what is in flight")
        before = len(self.sandbox.requests())
        try:
            yield
        finally:
            self.requests_while_off += len(self.sandbox.requests()) - before
            self.run("killswitch", "campaigns", "on", "--reason", "chaos", "--actor", "chaos")

    # --- outages ------------------------------------------------------------------------------------------------------

    @contextmanager
    def redis_frozen(self) -> Iterator[None]:
        """Have Redis take connections and answer nothing."""
        pid = int(redis_client.Redis.from_url(addresses.redis_url(self.root)).info()["process_id"])
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    @contextmanager
    def redis_dead(self) -> Iterator[None]:
        """Kill Redis, and bring it back empty."""
        pid = int(redis_client.Redis.from_url(addresses.redis_url(self.root)).info()["process_id"])
        os.kill(pid, signal.SIGKILL)
        try:
            yield
        finally:
            self.redis.start()

    def flush_redis(self) -> None:
        """Make Redis forget everything."""
        redis_client.Redis.from_url(addresses.redis_url(self.root)).flushall()

    def restart_postgres(self, *, mode: str) -> None:
        """End PostgreSQL under its clients, and bring it back."""
        self.postgres.stop(mode=mode)
        self.postgres.start()

    def end_processes(self) -> None:
        """End everything at once: the verdict has been given."""
        if self._nursery is not None:
            self._nursery.communicate()
        for process in self._processes:
            process.kill()


@contextmanager
def new_world(
    root: Path, *, seed: int, sabotage: str | None, concurrency: int, limit: int | None, provider: Mapping[str, Any]
) -> Iterator[World]:
    """Bring up a world from the template beside `root`, and take it down in the end."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    # With its owner and permissions, which PostgreSQL insists on.
    subprocess.run(["cp", "-a", str(root.parent / TEMPLATE / "postgres"), str(root / "postgres")], check=True)
    postgres, redis = Postgres(root), Redis(root)
    with ExitStack() as stack:
        for service in (postgres, redis):
            service.start()
            stack.callback(service.stop)
        api_key = "sandbox-key"
        sandbox = stack.enter_context(running_sandbox(any_instance=True, api_key=api_key, seed=seed, **provider))
        world = World(
            root=root,
            postgres=postgres,
            redis=redis,
            sandbox=sandbox,
            random=random.Random(seed),
            sabotage=sabotage,
            concurrency=concurrency,
            limit=limit,
        )
        stack.callback(world.end_processes)
        yield world


def make_template(folder: Path) -> None:
    """Make the database every world is a copy of: migrated, everybody in the canary."""
    root = folder / TEMPLATE
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    postgres = Postgres(root)
    postgres.start()
    try:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"], cwd=BASE_DIR, env=_environment(root), check=True
        )
        with psycopg.connect(addresses.database_url(root)) as connection:
            connection.execute("UPDATE feature_flags SET value = '{\"pct\": 100}' WHERE key = 'outbound_canary'")
    finally:
        postgres.stop()


def _environment(root: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "JULIA_ENV": "development",
        "DATABASE_URL": addresses.database_url(root),
        "DATABASE_OWNER_URL": addresses.owner_url(root),
        "REDIS_URL": addresses.redis_url(root),
        "BUSINESS_HOURS": "mon-sun 00:00-24:00",
        "EVOLUTION_INSTANCE": "julia",
        "OUTBOUND_ALLOWLIST": "*",
        "OUTBOUND_CONTACT_CAP": f"{AMPLE}/7d",
        "LOG_LEVEL": "INFO",
    }
