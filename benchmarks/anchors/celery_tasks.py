"""What people would use instead: one Celery task per message, that posts it and nothing else.

Threads, since most of the time is waiting: with its processes it would have as many requests in flight as it has
processes. No results are kept, and each thread takes one message ahead.
"""

from __future__ import annotations

import os
import sys

import httpx
from celery import Celery

from benchmarks.anchors.messages import backlog, feed

THREADS = 32
# Celery's own spelling of a Unix socket and its database.
BROKER = os.environ["BENCH_REDIS"].replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
app = Celery("benchmarks.anchors.celery_tasks", broker=BROKER)
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=1, task_default_queue="bench")
client = httpx.Client(base_url=os.environ["BENCH_URL"], headers={"apikey": "sandbox-key"})


@app.task(name="send")
def send(number: str, text: str) -> None:
    """Post one message over a connection that is kept."""
    client.post("/message/sendText/bench", json={"number": number, "text": text}).raise_for_status()


def main(command: str, *arguments: str) -> None:
    match command, [int(argument) for argument in arguments]:
        case "enqueue", [count]:
            with app.pool.acquire(block=True) as connection, app.amqp.Producer(connection) as producer:
                for message in backlog(count):
                    send.apply_async(message, producer=producer)
        case "feed", [rate, seconds]:
            feed(send.delay, rate=rate, seconds=seconds)
        case _:
            options = ["--pool=threads", f"--concurrency={THREADS}", "--without-gossip", "--without-mingle"]
            app.worker_main(["worker", "--loglevel=WARNING", *options])


if __name__ == "__main__":
    main(*sys.argv[1:])
