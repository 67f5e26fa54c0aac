"""Ours with every guardrail against tools that only post: how fast, how soon, at what cost, and what a kill does.

    make bench                      # or: python -m benchmarks.throughput --messages 3000 --part backlog

All of them post to the same provider sandbox, a process of its own, side by side in one run:

- `backlog`: a queue that is full before the first worker starts. The rate is what the sandbox saw between the first and
  the last delivery, the cost what the worker processes used from then to then, and their memory at the end. The bare
  HTTP client, which has no queue, is the ceiling.
- `steady`: messages come one by one, slower than the slowest can take; from enqueueing to the provider's acceptance.
- `kill`: one of two workers is killed (-9) when half has arrived, and another is started; what never arrives, and what
  arrives twice.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
from rich.console import Console
from rich.table import Table

from benchmarks.rig import ask, prepare, sandbox, wait_until
from benchmarks.systems import OURS, SYSTEMS, System, start_bare_clients, start_cron

LATENCIES_MS = (0, 50)
# What ours uses, and what anybody would.
BARE = {"aiohttp": "no queue: bare aiohttp", "httpx": "no queue: bare httpx over it"}
# Slower than RQ gets at 50 ms with two workers.
STEADY_RATE, STEADY_S = 20, 20
KILL_MESSAGES = 1000
# Ours proves an unsure message absent, and sends it anew, within two minutes; whoever has one left has as long.
QUIET_S = 150.0
PARTS = ("backlog", "steady", "kill")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """One full queue emptied: messages a second, seconds of processor time per 1,000 of them, megabytes a worker."""

    rate: float
    cpu_s: float
    memory_mb: float


def main() -> None:
    """Measure what is asked for, and print a table of each part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=3000, help="messages per full queue (default 3000)")
    parser.add_argument("--workers", type=int, default=2, help="worker processes of each system (default 2)")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this one; may be repeated")
    options = parser.parse_args()
    prepare()
    # Wide enough for the tables where there is no terminal to ask.
    console = Console(width=None if sys.stdout.isatty() else 160)
    parts: dict[str, Callable[[argparse.Namespace, Console], Table]] = dict(
        zip(PARTS, (compare_backlogs, compare_steady, compare_kills), strict=True)
    )
    for name in options.part or PARTS:
        console.print(parts[name](options, console))


# --- a full queue -----------------------------------------------------------------------------------------------------


def compare_backlogs(options: argparse.Namespace, console: Console) -> Table:
    """Rates and costs, and ours as a multiple of each."""
    found: dict[tuple[str, int], Backlog] = {}
    for latency_ms in LATENCIES_MS:
        for system in SYSTEMS:
            with sandbox(latency_ms) as url:
                system.fill(url, options.messages)
                workers = start_workers(system, url, options.workers)
                found[system.name, latency_ms] = emptied(url, workers, options.messages)
            console.print(f"{system.name}, {latency_ms} ms: {found[system.name, latency_ms].rate:.0f} messages/s")
        for client, name in BARE.items():
            with sandbox(latency_ms) as url:
                clients = start_bare_clients(client, url, options.messages, options.workers)
                found[name, latency_ms] = emptied(url, clients, options.messages)
            console.print(f"{name}, {latency_ms} ms: {found[name, latency_ms].rate:.0f} messages/s")
    table = Table("system", title=f"{options.messages} messages, {_machine()}")
    for latency_ms in LATENCIES_MS:
        for heading in ("messages/s", "ours ÷ it", "CPU s per 1,000", "MB a worker"):
            table.add_column(f"{latency_ms} ms: {heading}", justify="right")
    for name in (*(system.name for system in SYSTEMS), *BARE.values()):
        cells: list[str] = []
        for latency_ms in LATENCIES_MS:
            it, ours = found[name, latency_ms], found[OURS.name, latency_ms]
            cells += [f"{it.rate:.0f}", f"{ours.rate / it.rate:.2f}", f"{it.cpu_s:.2f}", f"{it.memory_mb:.0f}"]
        table.add_row(name, *cells)
    return table


def emptied(url: str, workers: list[subprocess.Popen[bytes]], messages: int) -> Backlog:
    """Wait until the sandbox has them all, and say how fast it got them and at what cost."""
    with stopped_at_the_end(workers):
        wait_until(lambda: delivered_count(url) > 0, what="the first message")
        before, cpu_before = delivered_count(url), cpu_s(workers)
        memory_mb = 0.0
        while delivered_count(url) < messages:
            memory_mb = max(memory_mb, resident_mb(workers))
            time.sleep(0.1)
        cost = (cpu_s(workers) - cpu_before) / (messages - before) * 1000
    at = [item["accepted_at"] for item in ask(f"{url}/_sandbox/delivered")]
    return Backlog(rate=(len(at) - 1) / (max(at) - min(at)), cpu_s=cost, memory_mb=memory_mb / len(workers))


# --- a steady pace ----------------------------------------------------------------------------------------------------


def compare_steady(options: argparse.Namespace, console: Console) -> Table:
    """How long a message takes from enqueueing to the provider, where nobody is behind."""
    table = Table("system", title=f"{STEADY_RATE} messages/s for {STEADY_S} s, {_machine()}")
    for latency_ms in LATENCIES_MS:
        for heading in ("p50, ms", "p99, ms"):
            table.add_column(f"{latency_ms} ms: {heading}", justify="right")
    for system in SYSTEMS:
        cells: list[str] = []
        for latency_ms in LATENCIES_MS:
            waits_ms = steady(system, latency_ms, options.workers)
            hundredths = statistics.quantiles(waits_ms, n=100)
            cells += [f"{hundredths[49]:.0f}", f"{hundredths[98]:.0f}"]
            console.print(f"{system.name}, {latency_ms} ms: p50 {cells[-2]} ms, p99 {cells[-1]} ms")
        table.add_row(system.name, *cells)
    return table


def steady(system: System, latency_ms: int, workers: int) -> list[float]:
    """From enqueueing to acceptance, in ms, the provider's own latency included, by workers that have warmed up."""
    with sandbox(latency_ms) as url:
        system.empty(url)
        with stopped_at_the_end(start_workers(system, url, workers)):
            system.feed(url, rate=STEADY_RATE, seconds=2)
            warm = STEADY_RATE * 2
            wait_until(lambda: delivered_count(url) >= warm, what="warming up")
            system.feed(url, rate=STEADY_RATE, seconds=STEADY_S)
            wait_until(lambda: delivered_count(url) >= warm + STEADY_RATE * STEADY_S, what="the last message")
        items = ask(f"{url}/_sandbox/delivered")
    items.sort(key=lambda item: item["accepted_at"])
    return [(item["accepted_at"] - float(item["text"].rsplit(" ", 1)[1])) * 1000 for item in items[warm:]]


# --- a killed worker --------------------------------------------------------------------------------------------------


def compare_kills(options: argparse.Namespace, console: Console) -> Table:
    """What became of the messages when a worker was killed half-way."""
    table = Table("system", title=f"{KILL_MESSAGES} messages at 50 ms, one worker killed half-way, {_machine()}")
    for heading in ("never arrived", "arrived twice", "all arrived after the kill, s"):
        table.add_column(heading, justify="right")
    for system in SYSTEMS:
        table.add_row(*killed(system, options.workers))
        console.print(f"{system.name}: killed half-way")
    return table


def killed(system: System, count: int) -> tuple[str, ...]:
    """Kill a worker half-way, start another, and wait until all have arrived or nothing has for long."""
    with sandbox(50) as url:
        system.fill(url, KILL_MESSAGES)
        workers = start_workers(system, url, count)
        if system is OURS:
            workers.append(start_cron(url))
        with stopped_at_the_end(workers):
            wait_until(lambda: delivered_count(url) >= KILL_MESSAGES / 2, what="the first half")
            workers[0].kill()
            workers[0].wait()
            killed_at = time.time()
            workers.append(system.start_worker(url))
            wait_until_quiet(url)
        items = ask(f"{url}/_sandbox/delivered")
    times = Counter(item["text"] for item in items)
    took_s = max(item["accepted_at"] for item in items) - killed_at
    missing = KILL_MESSAGES - len(times)
    return system.name, str(missing), str(times.total() - len(times)), "never" if missing else f"{took_s:.0f}"


def wait_until_quiet(url: str) -> None:
    """Wait until all have arrived, or nothing has for long."""
    count, since = delivered_count(url), time.monotonic()
    while time.monotonic() - since < (QUIET_S if count < KILL_MESSAGES else 5.0):
        time.sleep(0.5)
        if (now := delivered_count(url)) != count:
            count, since = now, time.monotonic()


# --- processes --------------------------------------------------------------------------------------------------------


def start_workers(system: System, url: str, count: int) -> list[subprocess.Popen[bytes]]:
    return [system.start_worker(url) for _ in range(min(count, system.most_workers))]


@contextmanager
def stopped_at_the_end(processes: list[subprocess.Popen[bytes]]) -> Iterator[list[subprocess.Popen[bytes]]]:
    try:
        yield processes
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=60)


def cpu_s(processes: Sequence[subprocess.Popen[bytes]]) -> float:
    """Processor time that the processes and their children have used; one that has ended counts no more."""
    return sum(sum(process.cpu_times()[:4]) for process in _living(processes))


def resident_mb(processes: Sequence[subprocess.Popen[bytes]]) -> float:
    return sum(process.memory_info().rss for process in _living(processes)) / 1e6


def _living(processes: Sequence[subprocess.Popen[bytes]]) -> list[psutil.Process]:
    return [psutil.Process(process.pid) for process in processes if psutil.pid_exists(process.pid)]


def delivered_count(url: str) -> int:
    return int(ask(f"{url}/_sandbox/stats")["delivered"])


def _machine() -> str:
    return f"{os.cpu_count()} cores shared with PostgreSQL, Redis and the sandbox"


if __name__ == "__main__":
    main()
