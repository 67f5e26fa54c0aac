"""What people would use instead: procrastinate, one task per message, that posts it and nothing else."""

from __future__ import annotations

import asyncio
import os
import sys

import httpx
from httpx_aiohttp import AiohttpTransport
from procrastinate import App, PsycopgConnector

IN_FLIGHT = 32
app = App(connector=PsycopgConnector(conninfo=os.environ["BENCH_DATABASE"], min_size=4, max_size=16))
_clients: list[httpx.AsyncClient] = []


@app.task(queue="bench")
async def send(number: str, text: str) -> None:
    """Post one message over a connection that is kept."""
    if not _clients:
        headers, transport = {"apikey": "sandbox-key"}, AiohttpTransport()
        _clients.append(httpx.AsyncClient(base_url=os.environ["BENCH_URL"], headers=headers, transport=transport))
    answer = await _clients[0].post("/message/sendText/bench", json={"number": number, "text": text})
    answer.raise_for_status()


async def main(arguments: list[str]) -> None:
    async with app.open_async():
        if arguments[0] == "enqueue":
            await app.schema_manager.apply_schema_async()
            messages = [{"number": f"55119{70000000 + n}", "text": "Olá"} for n in range(int(arguments[1]))]
            await send.batch_defer_async(*messages)
        else:
            await app.run_worker_async(queues=["bench"], concurrency=IN_FLIGHT, wait=True, delete_jobs="successful")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
