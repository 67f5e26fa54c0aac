"""The sandbox's own books: every sendText it was asked for, what came of it, and how many were under way at once."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

PENDING = "pending"
ACCEPTED = "accepted"


@dataclass(slots=True)
class Asked:
    """One request; `started_at` is a Unix time in seconds, `number` empty while (or if never) read."""

    started_at: float
    instance: str
    number: str = ""
    outcome: str = PENDING

    def described(self, index: int) -> dict[str, Any]:
        """Describe it to a test; `index` counts from 0 since the last reset."""
        return {"index": index, **asdict(self)}


class RequestBooks:
    """Requests in the order they came, counted by outcome: `accepted`, a refusal's name, or a fault's."""

    def __init__(self, *, in_flight: int = 0) -> None:
        self.requests: list[Asked] = []
        self.outcomes: Counter[str] = Counter()
        self.in_flight = in_flight
        self.max_in_flight = in_flight

    def open(self, *, instance: str, now: float) -> Asked:
        """Note a request that begins."""
        asked = Asked(now, instance)
        self.requests.append(asked)
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        return asked

    def decide(self, asked: Asked, outcome: str) -> None:
        """Note what a request came to, which may be long before it ends."""
        asked.outcome = outcome
        self.outcomes[outcome] += 1

    def close(self) -> None:
        """Note that a request ended."""
        self.in_flight -= 1
