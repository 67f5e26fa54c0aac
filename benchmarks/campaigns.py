"""How long a campaign of 10,000 people takes to import, rehearse, enqueue, pause, resume and cancel.

    python -m benchmarks.campaigns               # or with --people 100000

On a PostgreSQL of the benchmarks' own, with every guardrail; nothing is sent. It exits with 1 when enqueueing took 5 s
or a pause 1 s (issue 8, Campaigns).
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.rig import prepare

ENQUEUE_S, PAUSE_S = 5.0, 1.0
WHO = {"actor": "bench", "reason": "benchmark"}


def main() -> None:
    """Take one campaign through its life, and print the time of each step."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000, help="people in the audience (default 10,000)")
    options = parser.parse_args()
    prepare()
    took = measure(options.people)
    table = Table("step", "seconds", "a second", title=f"one campaign, {options.people} people; {load()}")
    for step, seconds in took.items():
        table.add_row(step, f"{seconds:.2f}", f"{options.people / seconds:,.0f}")
    Console().print(table)
    sys.exit(0 if took["enqueue"] < ENQUEUE_S and took["pause"] < PAUSE_S else 1)


def measure(people: int) -> dict[str, float]:
    """Answer `{step: seconds}`."""
    from django.core.management import call_command
    from django.db import transaction
    from django.utils import timezone

    from canary import flags
    from outbound import senders
    from outbound.campaigns import audience, control, drafting, feeding, rehearsal, roster
    from outbound.models import OutboundMessage

    call_command("flush", interactive=False, verbosity=0)
    senders.register(instance="bench")
    now = timezone.now()
    with transaction.atomic():
        flags.switch(key="outbound_canary", fields={"pct": 100}, now=now, **WHO)
    text, window = "Oi {primeiro_nome}, plantão!", {"starts_at": now, "ends_at": now + timedelta(hours=8)}
    campaign = drafting.create(name="bench", text=text, variables={}, now=now, **window, **WHO)
    file = "telefone;nome\n" + "".join(f"119{70000000 + number};Dra. Ana {number}\n" for number in range(people))
    chosen: dict[str, Any] = {"campaign_id": campaign.pk, "now": now}
    took = {
        "import": timed(lambda: audience.import_rows(**chosen, people=roster.read(file), **WHO)),
        "rehearse": timed(lambda: rehearsal.rehearse(**chosen)),
        "start": timed(lambda: control.start(**chosen, **WHO)),
        "enqueue": timed(lambda: list(feeding.feed(campaign_id=campaign.pk, clock=timezone.now))),
        "pause": timed(lambda: control.pause(**chosen, **WHO)),
        "resume": timed(lambda: control.resume(**chosen, **WHO)),
        "cancel": timed(lambda: control.cancel(**chosen, **WHO)),
    }
    assert OutboundMessage.objects.filter(campaign=campaign, status="blocked").count() == people
    return took


def load() -> str:
    """What else the machine has to do: the times below it are those of a busy machine."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def timed(act: Callable[[], object]) -> float:
    """How many seconds it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
