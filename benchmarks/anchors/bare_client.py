"""The ceiling: the HTTP client that ours uses, posting from a list in memory: `work SHARE SHARES COUNT`."""

from __future__ import annotations

import asyncio
import os
import sys

import httpx
from httpx_aiohttp import AiohttpTransport

from benchmarks.anchors.messages import backlog

# As many as one of our workers.
IN_FLIGHT = 100


async def work(messages: list[tuple[str, str]]) -> None:
    left = iter(messages)
    transport = AiohttpTransport(limits=httpx.Limits(max_connections=IN_FLIGHT))
    headers = {"apikey": "sandbox-key"}
    async with httpx.AsyncClient(base_url=os.environ["BENCH_URL"], headers=headers, transport=transport) as client:

        async def one_after_another() -> None:
            for number, text in left:
                answer = await client.post("/message/sendText/bench", json={"number": number, "text": text})
                answer.raise_for_status()

        await asyncio.gather(*(one_after_another() for _ in range(IN_FLIGHT)))


if __name__ == "__main__":
    share, shares, count = (int(argument) for argument in sys.argv[2:])
    asyncio.run(work(backlog(count)[share::shares]))
