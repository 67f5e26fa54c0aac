"""Carries requests to the provider from a thread with an event loop of its own, many at a time, so that the database's
side of a worker stays plain, sequential code: parcels and questions go in, answers come out of a queue.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from outbound.evolution.client import EvolutionClient, ProviderUnavailableError
from outbound.evolution.outcomes import PROVIDER_ERROR, Ambiguous, Outcome
from outbound.evolution.payloads import SentRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One message to request once, and not at all when the monotonic clock has passed `start_before`."""

    id: UUID
    instance: str
    phone: str
    text: str
    start_before: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether a message to `jid` is in the provider's list between two instants."""

    id: UUID
    instance: str
    jid: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came of a parcel; `started_at` is when its request began."""

    id: UUID
    outcome: Outcome
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the provider lists, newest first; None when it did not say."""

    id: UUID
    records: Sequence[SentRecord] | None


Answer = Delivery | Evidence


class Courier:
    """A thread that talks to one provider; close it when it is no longer needed."""

    def __init__(self, *, url: str, api_key: str, connections: int) -> None:
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="courier", daemon=True)
        self._thread.start()
        connecting = _connect(url=url, api_key=api_key, connections=connections)
        self._client = asyncio.run_coroutine_threadsafe(connecting, self._loop).result()

    def carry(self, errands: Sequence[Parcel | Question]) -> None:
        """Start the errands at once, and come back without waiting for any."""
        self._loop.call_soon_threadsafe(self._start, errands)

    def answers(self, *, wait_s: float) -> list[Answer]:
        """Collect the answers there are, waiting up to `wait_s` seconds for the first."""
        answers: list[Answer] = []
        try:
            answers.append(self._answers.get(timeout=wait_s))
            while True:
                answers.append(self._answers.get_nowait())
        except queue.Empty:
            return answers

    def close(self) -> None:
        """Let go of the connections; what is under way is cut off."""
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _start(self, errands: Sequence[Parcel | Question]) -> None:
        for errand in errands:
            task = self._loop.create_task(self._run(errand))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, errand: Parcel | Question) -> None:
        self._answers.put(await (self._deliver(errand) if isinstance(errand, Parcel) else self._ask(errand)))

    async def _deliver(self, parcel: Parcel) -> Delivery:
        started_at = datetime.now(UTC)  # noqa: TID251 - the instant itself is the result
        try:
            outcome = await self._client.send_text(
                instance=parcel.instance, phone=parcel.phone, text=parcel.text, start_before=parcel.start_before
            )
        except Exception as error:  # noqa: BLE001 - whatever it was, the message may have left and must be accounted for
            outcome = Ambiguous(reason=PROVIDER_ERROR, error=f"unexpected: {type(error).__name__}")
        return Delivery(id=parcel.id, outcome=outcome, started_at=started_at)

    async def _ask(self, question: Question) -> Evidence:
        try:
            records = await self._client.find_sent(
                instance=question.instance, jid=question.jid, since=question.since, until=question.until
            )
        except ProviderUnavailableError:
            return Evidence(id=question.id, records=None)
        return Evidence(id=question.id, records=records)

    async def _shut(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.aclose()


async def _connect(*, url: str, api_key: str, connections: int) -> EvolutionClient:
    """Make the client inside the loop it belongs to."""
    return EvolutionClient(url=url, api_key=api_key, connections=connections)
