"""What grows with the queue, and what does not: 1,000 to 1,000,000 messages wait, five million events lie behind them.

    python -m benchmarks.growth                      # or: --sizes 1000 10000 --events 500000

The events and the messages they tell of are those of `benchmarks.health`. At each size: a claim of 100 messages with
every guardrail, enqueueing 100 more, `manage.py health` for 24 h, and the panel as its page asks for it every 3 s; the
median of each. It draws them to `docs/img/growth.png`, and takes a quarter of an hour.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.table import Table

from benchmarks import admin_lists, health, rig

ROOT = rig.ROOT.with_name("bench-growth")
PICTURE = rig.BASE_DIR / "docs" / "img" / "growth.png"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
BATCH = 100
QUEUE = """
    INSERT INTO outbound_messages (
        dedupe_key, dedupe_until, cliente_id, sender_id, method, channel, actor_type, text, priority, status,
        created_at, due_at
    )
    SELECT gen_random_uuid(), now() + interval '1 hour', c.ids[1 + n %% cardinality(c.ids)],
           s.ids[1 + n %% cardinality(s.ids)], 'campaign', 'api', 'system', 'Plantão da fila ' || n, 2, 'queued', now(),
           now() - interval '1 second' * (n %% 600)
    FROM generate_series(1, %(wanted)s - (SELECT count(*) FROM outbound_messages WHERE status = 'queued')) n
    CROSS JOIN (SELECT array_agg(id) AS ids FROM contacts WHERE opted_out_at IS NULL) c
    CROSS JOIN (SELECT array_agg(id) AS ids FROM senders) s
"""


def main() -> None:
    """Grow the queue step by step, measure at each, and draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="messages that wait")
    parser.add_argument("--events", type=int, default=5_000_000, help="business_events (default 5,000,000)")
    parser.add_argument("--picture", type=Path, default=PICTURE, help="where to draw (default docs/img/growth.png)")
    options = parser.parse_args()
    rig.prepare(ROOT)
    console = Console()
    health.build(options.events, console)
    found: dict[str, list[float]] = {}
    for size in options.sizes:
        fill(size)
        for name, (work, runs) in parts().items():
            found.setdefault(name, []).append(milliseconds(work, runs=runs))
            console.print(f"{size:,} wait: {name} {found[name][-1]:,.0f} ms")
    console.print(report(options, found))
    draw(options, found)


def fill(size: int) -> None:
    """Let so many messages wait."""
    with rig.filling() as cursor:
        cursor.execute("UPDATE feature_flags SET value = '{\"pct\": 100}' WHERE key = 'outbound_canary'")
        cursor.execute(QUEUE, {"wanted": size})


def parts() -> dict[str, tuple[Callable[[], object], int]]:
    """What is measured, and how often."""
    from django.utils import timezone

    from outbound import claims, outbox
    from outbound.methods import Method
    from outbound.models import Contact

    people = list(Contact.objects.filter(opted_out_at=None).order_by("id").values_list("id", flat=True)[:BATCH])
    numbers = count()

    def message(contact: UUID) -> outbox.NewMessage:
        return outbox.NewMessage(
            cliente_id=contact, method=Method.CAMPAIGN, text=f"Mais uma {next(numbers)} {time.time()}"
        )

    return {
        f"claim of {BATCH}": (lambda: claims.take(most=BATCH, now=timezone.now()), 5),
        f"enqueue {BATCH}": (lambda: enqueue([message(contact) for contact in people]), 5),
        "health, 24 h": (health.parts()["manage.py health"], 3),
        "panel, every 3 s": (panel(), 5),
    }


def enqueue(messages: list[object]) -> None:
    """Accept them in one transaction."""
    from django.db import transaction
    from django.utils import timezone

    from outbound import outbox

    with transaction.atomic():
        outbox.enqueue_many(messages, now=timezone.now())


def panel() -> Callable[[], object]:
    """Ask for what the panel's page asks for."""
    from django.urls import reverse

    client = admin_lists.logged_in()
    return lambda: client.get(reverse("admin:panel_now"))


def milliseconds(work: Callable[[], object], *, runs: int) -> float:
    """Do it once to warm up and then so often; the median."""
    taken = []
    for _ in range(runs + 1):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken[1:]) * 1000


def report(options: argparse.Namespace, found: dict[str, list[float]]) -> Table:
    """The times in ms, a row for each size."""
    table = Table("messages that wait", *(f"{name}, ms" for name in found), title=f"{options.events:,} events")
    for row, size in enumerate(options.sizes):
        table.add_row(f"{size:,}", *(f"{times[row]:,.0f}" for times in found.values()))
    return table


def draw(options: argparse.Namespace, found: dict[str, list[float]]) -> None:
    """A line for each, both axes logarithmic: what is flat stays flat."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for name, times in found.items():
        axes.loglog(options.sizes, times, marker="o", label=name)
    axes.set(
        xlabel="messages that wait", ylabel="ms", title=f"{options.events:,} events behind the queue", ylim=(1, 10_000)
    )
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    figure.savefig(options.picture, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    main()
