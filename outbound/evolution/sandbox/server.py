"""The sandbox as a server: routes, webhooks in the background, and a quick end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from aiohttp import web

from outbound.evolution.sandbox import control, provider
from outbound.evolution.sandbox.config import SandboxConfig
from outbound.evolution.sandbox.state import SandboxState

LOOPBACK = "127.0.0.1"
# Node's: whoever reuses a connection later than that may find it closed.
KEEPALIVE_S = 5.0
# Requests that never answer must not keep the sandbox from ending.
SHUTDOWN_S = 0.2
BACKLOG = 1024


class Sandbox:
    """One provider; `app` may be run by any aiohttp runner, `start` and `stop` do so within a running loop.

    Raises:
        FaultError: when one of the configured faults cannot be read.
    """

    def __init__(self, config: SandboxConfig | None = None) -> None:
        self.state = SandboxState(config or SandboxConfig())
        self.app = web.Application()
        self.app.add_routes([*provider.routes(self.state), *control.routes(self.state)])
        self.app.cleanup_ctx.append(self._telling)
        self._runner = web.AppRunner(
            self.app, access_log=None, keepalive_timeout=KEEPALIVE_S, shutdown_timeout=SHUTDOWN_S
        )

    async def start(self, *, host: str = LOOPBACK, port: int = 0) -> str:
        """Listen, on a free port when it is 0, and answer the URL.

        Raises:
            OSError: when the address is taken.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, backlog=BACKLOG).start()
        url = f"http://{host}:{self._runner.addresses[0][1]}"
        self.state.envelopes.server_url = url
        return url

    async def stop(self) -> None:
        """Let go of everything, cutting off what is under way."""
        await self._runner.cleanup()

    async def _telling(self, _app: web.Application) -> AsyncIterator[None]:
        if self.state.webhooks is None:
            yield
            return
        task = asyncio.create_task(self.state.webhooks.run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
