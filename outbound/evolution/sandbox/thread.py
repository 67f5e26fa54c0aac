"""A sandbox in a thread of the test's own process, with the test's hands on it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from outbound.evolution.sandbox.books import Asked
from outbound.evolution.sandbox.config import SandboxConfig
from outbound.evolution.sandbox.control import inbound_message
from outbound.evolution.sandbox.messages import Message
from outbound.evolution.sandbox.server import Sandbox

R = TypeVar("R")


class RunningSandbox:
    """A sandbox that listens at `url`; safe to use from any thread but its own."""

    def __init__(self, *, sandbox: Sandbox, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self.url = url
        self._state = sandbox.state
        self._loop = loop

    @property
    def config(self) -> SandboxConfig:
        return self._state.config

    def delivered(self, *, since_index: int = 0) -> list[Message]:
        """List what reached the phones, oldest first, answered for or not."""
        return self._state.store.delivered[since_index:]

    def requests(self, *, since_index: int = 0) -> list[Asked]:
        """List every sendText asked for, refused ones included, oldest first."""
        return self._state.books.requests[since_index:]

    def stats(self) -> dict[str, Any]:
        """Count what happened since the last reset, as `GET /_sandbox/stats` does."""
        return self._within(self._state.stats)

    def set_faults(self, specs: Sequence[str]) -> None:
        """Replace the faults.

        Raises:
            FaultError: when one cannot be read; then nothing changes.
        """
        self._within(lambda: self._state.set_faults(specs))

    def set_latency(self, *, ms: float) -> None:
        """Take so long over each message from now on."""
        self._state.latency_s = ms / 1000

    def set_lag(self, *, ms: float) -> None:
        """Have findMessages know a message only so much later."""
        self._state.lag_s = ms / 1000

    def set_connection(self, *, state: str, instance: str | None = None) -> None:
        """Make an instance's connection `open`, `connecting` or `close`."""
        name = instance or self.config.instances[0]
        self._within(lambda: self._state.set_connection(instance=name, state=state))

    def inbound(self, *, number: str, text: str, instance: str | None = None, **more: Any) -> Message:
        """Have somebody write to us; `more` is as in `inbound_message`."""
        name = instance or self.config.instances[0]
        message = inbound_message(instance=name, number=number, text=text, **more)
        self._within(lambda: self._state.receive(message))
        return message

    def reset(self) -> None:
        """Go back to how it started."""
        self._within(self._state.reset)

    def _within(self, call: Callable[[], R]) -> R:
        async def run() -> R:
            return call()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()


@contextmanager
def running_sandbox(**settings: Any) -> Iterator[RunningSandbox]:
    """Run a sandbox on a free port of the loopback; the settings are `SandboxConfig`'s fields.

    Raises:
        FaultError: when one of the faults cannot be read.
    """
    sandbox = Sandbox(SandboxConfig(**settings))
    with _loop_in_thread() as loop:
        url = asyncio.run_coroutine_threadsafe(sandbox.start(), loop).result()
        try:
            yield RunningSandbox(sandbox=sandbox, url=url, loop=loop)
        finally:
            asyncio.run_coroutine_threadsafe(sandbox.stop(), loop).result()


@contextmanager
def _loop_in_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="evolution-sandbox", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
