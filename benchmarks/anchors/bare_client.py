"""The ceiling: a bare HTTP client posting from a list in memory: `aiohttp|httpx SHARE SHARES COUNT`.

aiohttp is what ours uses, httpx over it what it used to.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from benchmarks.anchors.messages import backlog

# As many as one of our workers.
IN_FLIGHT = 100
URL = os.environ["BENCH_URL"] + "/message/sendText/bench"
HEADERS = {"apikey": "sandbox-key"}

Post = Callable[[dict[str, str]], Awaitable[None]]


@asynccontextmanager
async def by_aiohttp() -> AsyncIterator[Post]:
    connector = aiohttp.TCPConnector(limit=IN_FLIGHT)
    async with aiohttp.ClientSession(connector=connector, headers=HEADERS, raise_for_status=True) as session:

        async def post(body: dict[str, str]) -> None:
            async with session.post(URL, json=body) as answer:
                await answer.read()

        yield post


@asynccontextmanager
async def by_httpx() -> AsyncIterator[Post]:
    transport = AiohttpTransport(limits=httpx.Limits(max_connections=IN_FLIGHT))
    async with httpx.AsyncClient(headers=HEADERS, transport=transport) as client:

        async def post(body: dict[str, str]) -> None:
            (await client.post(URL, json=body)).raise_for_status()

        yield post


CLIENTS = {"aiohttp": by_aiohttp, "httpx": by_httpx}


async def work(client: str, messages: list[tuple[str, str]]) -> None:
    left = iter(messages)
    async with CLIENTS[client]() as post:

        async def one_after_another() -> None:
            for number, text in left:
                await post({"number": number, "text": text})

        await asyncio.gather(*(one_after_another() for _ in range(IN_FLIGHT)))


if __name__ == "__main__":
    share, shares, count = (int(argument) for argument in sys.argv[2:])
    asyncio.run(work(sys.argv[1], backlog(count)[share::shares]))
