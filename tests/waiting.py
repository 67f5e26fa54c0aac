"""Waiting for what other processes do, with a deadline and without fixed sleeps."""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(look: Callable[[], T], *, seconds: float = 60.0, what: str = "it") -> T:
    """Look again and again until the answer is truthy, and give it back; fail when the time is over."""
    ends_at = time.monotonic() + seconds
    while True:
        answer = look()
        if answer:
            return answer
        assert time.monotonic() < ends_at, f"{what} did not happen within {seconds} s (last: {answer!r})"
        select.select([], [], [], 0.02)
