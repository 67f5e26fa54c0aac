"""What every system is given to post: the same numbers and texts, all at once or at a steady pace."""

from __future__ import annotations

import time
from collections.abc import Callable

FIRST_NUMBER = 70_000_000


def backlog(count: int) -> list[tuple[str, str]]:
    """So many numbers, each with a text of its own."""
    return [(_number(n), f"Plantão {n}") for n in range(count)]


def feed(enqueue: Callable[[str, str], object], *, rate: int, seconds: int) -> None:
    """Enqueue at a steady pace; each text ends with the Unix time at which it was given away."""
    began_at = time.monotonic()
    for n in range(rate * seconds):
        time.sleep(max(0.0, began_at + n / rate - time.monotonic()))
        enqueue(_number(n), f"Plantão {n} {time.time():.6f}")


def _number(n: int) -> str:
    return f"55119{FIRST_NUMBER + n}"
