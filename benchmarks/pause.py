"""How fast Julia stops: `pausar_julia` from Slack while 200 messages a second leave.

    python -m benchmarks.pause               # or with --rate 400 --workers 4

A request signed as Slack signs it goes to the real web process while real workers send to the provider sandbox, all of
them processes of their own. Printed are the rate before, how long the acknowledgment took, how many sends it declared
to be in flight, how many requests reached the provider after it, and how long until the last of them. It exits with 1
when more came than were declared, or the acknowledgment took 3 s, which is as long as Slack waits.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from rich.console import Console
from rich.table import Table

from benchmarks.rig import ROOT, ask, fill_outbox, prepare, sandbox, wait_until

SECRET = "benchmark-signing-secret"
SLACK_USER = "U0BENCH"
SLACK_WAITS_S = 3.0
# Long enough for whatever was in flight to end, and for anything that should not be to show.
WATCH_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One stop; instants are the sandbox's and ours, of one machine's clock."""

    rate: float
    took_s: float
    declared: int
    after: int
    last_after_s: float

    @property
    def is_kept(self) -> bool:
        return self.after <= self.declared and self.took_s < SLACK_WAITS_S


def main() -> None:
    """Stop so many times, and print each and the worst."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=200, help="messages per second before the stop (default 200)")
    parser.add_argument("--runs", type=int, default=5, help="stops (default 5)")
    parser.add_argument("--workers", type=int, default=2, help="worker processes (default 2)")
    parser.add_argument("--latency-ms", type=int, default=100, help="the provider's (default 100)")
    options = parser.parse_args()
    prepare()
    console = Console()
    runs: list[Measured] = []
    for number in range(options.runs):
        runs.append(measure(options))
        console.print(f"stop {number + 1} of {options.runs}: acknowledged in {runs[-1].took_s * 1000:.0f} ms")
    console.print(report(runs, options))
    sys.exit(0 if all(run.is_kept for run in runs) else 1)


def measure(options: argparse.Namespace) -> Measured:
    """Have messages leave at about the rate, stop them from Slack, and count what came after."""
    # So many in flight at once leave at the rate, at the provider's latency and with time to claim and settle.
    in_flight = max(1, round(1.5 * options.rate * options.latency_ms / 1000 / options.workers))
    with sandbox(options.latency_ms) as provider, running(provider, in_flight, options) as web:
        wait_until(lambda: ask(f"{provider}/_sandbox/stats")["requests"] >= options.rate * 2, what="sending")
        before = requested_at(provider)
        sent_at = time.time()
        text = post(f"{web}/slack/commands", "pausar_julia agora")
        acknowledged_at = time.time()
        time.sleep(WATCH_S)
        after = [at for at in requested_at(provider) if at > acknowledged_at]
    return Measured(
        rate=sum(at > sent_at - 1 for at in before if at <= sent_at),
        took_s=acknowledged_at - sent_at,
        declared=declared(text),
        after=len(after),
        last_after_s=max(after, default=acknowledged_at) - acknowledged_at,
    )


@contextmanager
def running(provider: str, in_flight: int, options: argparse.Namespace) -> Iterator[str]:
    """The queue, full, with web and workers; answer the web process's URL."""
    from julia import processes

    fill_outbox(options.rate * 30)
    let_in()
    env = {"EVOLUTION_API_URL": provider, "SLACK_SIGNING_SECRET": SECRET, "OUTBOUND_CONCURRENCY": str(in_flight)}
    with ExitStack() as stack:
        url = stack.enter_context(processes.web(env=env, log=ROOT / "logs" / "web.log"))
        for number in range(options.workers):
            log = ROOT / "logs" / f"worker-{number}.log"
            stack.enter_context(processes.manage("rqworker", "periodic", "dispatch", env=env, log=log))
        yield url


def let_in() -> None:
    """Bind a Slack user to an operator."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from julia.access import Level
    from julia.slack import identities

    # Emptying the tables emptied the groups, too.
    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create_user("bench", is_staff=True)
    identities.bind(slack_user_id=SLACK_USER, user=user, level=Level.OPERATOR, actor="bench", now=datetime.now(UTC))


def post(url: str, line: str) -> str:
    """Send a slash command as Slack does, and answer what it is told."""
    body = urlencode(
        {"command": "/julia", "text": line, "user_id": SLACK_USER, "trigger_id": str(time.time())}
    ).encode()
    timestamp = str(int(time.time()))
    mac = hmac.new(SECRET.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={mac}"}
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - our own web process
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
        text: str = json.load(answer)["text"]
    return text


def declared(text: str) -> int:
    """How many sends the acknowledgment says are in flight."""
    assert "está pausada" in text, text
    line = next(line for line in text.splitlines() if "em voo" in line)
    return int(line.split()[0]) if line[0].isdigit() else 0


def requested_at(provider: str) -> list[float]:
    requests: list[dict[str, Any]] = ask(f"{provider}/_sandbox/requests")
    return [request["started_at"] for request in requests]


def report(runs: list[Measured], options: argparse.Namespace) -> Table:
    """The stops, one a line."""
    table = Table("requests/s before", "acknowledged in", "declared in flight", "requests after", "the last after")
    table.title = f"pausar_julia at {options.rate}/s, {options.workers} workers, provider {options.latency_ms} ms"
    for run in runs:
        table.add_row(
            f"{run.rate:.0f}",
            f"{run.took_s * 1000:.0f} ms",
            str(run.declared),
            str(run.after),
            f"{run.last_after_s * 1000:.0f} ms",
        )
    return table


if __name__ == "__main__":
    main()
