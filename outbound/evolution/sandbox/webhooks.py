"""What the provider tells us of its own accord, and how it insists: never at the expense of who is sending.

Events wait in memory, bounded; what does not fit is dropped and counted. A failed one is repeated up to ten times,
first after 5 s, then after twice as long each time and at most 300 s, but not when the answer says the event was wrong.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import Counter
from contextlib import suppress
from typing import NamedTuple

import aiohttp

from outbound.evolution.sandbox.answers import ENCODE
from outbound.evolution.sandbox.envelopes import Envelopes, Event

MAX_RETRIES = 10
# The provider's longest wait is 300 s, its first 5 s.
LONGEST_WAIT_IN_FIRST_WAITS = 60
HOPELESS = frozenset({400, 401, 403, 404, 422})
CAPACITY = 500_000
AT_ONCE = 8
TIMEOUT = aiohttp.ClientTimeout(total=30)


class Waiting(NamedTuple):
    """An event and when it is due by the loop's clock; the serial number keeps equals in order."""

    due_at: float
    serial: int
    retries: int
    event: Event


class WebhookSender:
    """Delivers events to one URL while `run` runs."""

    def __init__(self, *, envelopes: Envelopes, token: str, backoff_s: float, capacity: int = CAPACITY) -> None:
        self._envelopes = envelopes
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._backoff_s = backoff_s
        self._capacity = capacity
        self._heap: list[Waiting] = []
        self._serials = itertools.count()
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._counts: Counter[str] = Counter(delivered=0, failed_attempts=0, refused=0, given_up=0, dropped=0)

    def emit(self, event: Event, *, after_s: float = 0.0, retries: int = 0) -> None:
        """Have an event delivered in `after_s` seconds, or as soon as there is a hand free."""
        if len(self._heap) >= self._capacity:
            self._counts["dropped"] += 1
            return
        due_at = asyncio.get_running_loop().time() + after_s
        heapq.heappush(self._heap, Waiting(due_at, next(self._serials), retries, event))
        self._wake.set()

    def forget(self) -> None:
        """Drop what waits, and the counts."""
        self._heap.clear()
        self._counts = Counter(dict.fromkeys(self._counts, 0))

    def stats(self) -> dict[str, int]:
        """Count events by what became of them."""
        return {"queued": len(self._heap), **self._counts}

    async def run(self) -> None:
        """Deliver what is due, until cancelled."""
        async with (
            aiohttp.ClientSession(headers=self._headers, timeout=TIMEOUT) as http,
            asyncio.TaskGroup() as deliveries,
        ):
            while True:
                await self._slots.acquire()
                waiting = await self._next_due()
                deliveries.create_task(self._deliver(http, waiting))

    async def _next_due(self) -> Waiting:
        while True:
            now = asyncio.get_running_loop().time()
            if self._heap and self._heap[0].due_at <= now:
                return heapq.heappop(self._heap)
            self._wake.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._heap[0].due_at - now if self._heap else None):
                    await self._wake.wait()

    async def _deliver(self, http: aiohttp.ClientSession, waiting: Waiting) -> None:
        try:
            status = await self._post(http, waiting.event)
        finally:
            self._slots.release()
        if status is not None and status < 300:  # noqa: PLR2004 - the 2xx
            self._counts["delivered"] += 1
        elif status in HOPELESS:
            self._counts["refused"] += 1
        else:
            self._insist(waiting)

    async def _post(self, http: aiohttp.ClientSession, event: Event) -> int | None:
        """Post an event once; None when nobody answered."""
        body = ENCODE(self._envelopes.around(event)).encode()
        try:
            async with http.post(self._envelopes.url, data=body, allow_redirects=False) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, OSError):
            return None

    def _insist(self, waiting: Waiting) -> None:
        self._counts["failed_attempts"] += 1
        if waiting.retries >= MAX_RETRIES:
            self._counts["given_up"] += 1
            return
        wait_s = self._backoff_s * min(2**waiting.retries, LONGEST_WAIT_IN_FIRST_WAITS)
        self.emit(waiting.event, after_s=wait_s, retries=waiting.retries + 1)
