"""What people would use instead: procrastinate, one task per message, that posts it and nothing else."""

from __future__ import annotations

import asyncio
import os
import sys

import httpx
from httpx_aiohttp import AiohttpTransport
from procrastinate import App, PsycopgConnector

from benchmarks.anchors.messages import backlog, feed

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


async def work() -> None:
    async with app.open_async():
        await app.run_worker_async(queues=["bench"], concurrency=IN_FLIGHT, wait=True, delete_jobs="successful")


def main(command: str, *arguments: str) -> None:
    if command == "work":
        asyncio.run(work())
        return
    with app.open():
        match command, [int(argument) for argument in arguments]:
            case "schema", []:
                app.schema_manager.apply_schema()
            case "enqueue", [count]:
                send.batch_defer(*({"number": number, "text": text} for number, text in backlog(count)))
            case "feed", [rate, seconds]:
                feed(lambda number, text: send.defer(number=number, text=text), rate=rate, seconds=seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])
