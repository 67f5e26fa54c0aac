"""How much memory a worker holds through 100,000 sends.

    python -m benchmarks.memory                      # or: --messages 20000

One worker empties a full queue against the provider sandbox; its resident memory is read every second. It draws it to
`docs/img/memory.png`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import psutil
from rich.console import Console
from rich.progress import Progress

from benchmarks import rig
from benchmarks.systems import OURS
from benchmarks.throughput import delivered_count, stopped_at_the_end

PICTURE = rig.BASE_DIR / "docs" / "img" / "memory.png"
LIMIT_MB = 150


def main() -> None:
    """Send them all, and tell the memory at the beginning, at most and in the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=100_000, help="messages to send (default 100,000)")
    parser.add_argument("--picture", type=Path, default=PICTURE, help="where to draw (default docs/img/memory.png)")
    options = parser.parse_args()
    rig.prepare()
    console = Console()
    points = watched(options.messages, console)
    sizes = [mb for _, mb in points]
    console.print(
        f"{options.messages:,} sends by one worker: "
        f"{sizes[0]:.0f} MB at the first, {max(sizes):.0f} MB at most, {sizes[-1]:.0f} MB at the last"
    )
    draw(points, options.picture)


def watched(messages: int, console: Console) -> list[tuple[int, float]]:
    """How many had been sent, and how many megabytes the worker held, second by second."""
    points: list[tuple[int, float]] = []
    with rig.sandbox(0) as url:
        OURS.fill(url, messages)
        with stopped_at_the_end([OURS.start_worker(url)]) as (worker,), Progress(console=console) as progress:
            task = progress.add_task("sent", total=messages)
            sent = 0
            while sent < messages:
                time.sleep(1)
                sent = delivered_count(url)
                progress.update(task, completed=sent)
                if sent:
                    points.append((sent, psutil.Process(worker.pid).memory_info().rss / 1e6))
    return points


def draw(points: list[tuple[int, float]], picture: Path) -> None:
    """Megabytes over sends, with the limit."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    axes.plot(*zip(*points, strict=True))
    axes.axhline(LIMIT_MB, color="tab:red", linestyle="--", label=f"{LIMIT_MB} MB")
    axes.set(xlabel="messages sent by one worker", ylabel="resident memory, MB", ylim=(0, LIMIT_MB * 1.15))
    axes.grid(visible=True, alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(picture, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    main()
