"""What people would use instead: one RQ job per message, that posts it and nothing else."""

from __future__ import annotations

import os
import sys

import httpx
from redis import Redis
from rq import Queue, SimpleWorker

from benchmarks.anchors.messages import backlog, feed

URL = os.environ.get("BENCH_URL", "")
# By its name, since RQ takes nothing from a module that runs as a program.
SEND = "benchmarks.anchors.rq_jobs.send"
REDIS = os.environ.get("BENCH_REDIS", "")
client = httpx.Client(base_url=URL, headers={"apikey": "sandbox-key"}) if URL else None


def send(number: str, text: str) -> None:
    """Post one message over a connection that is kept."""
    assert client is not None
    client.post("/message/sendText/bench", json={"number": number, "text": text}).raise_for_status()


def main(command: str, *arguments: str) -> None:
    queue = Queue("bench", connection=Redis.from_url(REDIS))
    match command, [int(argument) for argument in arguments]:
        case "enqueue", [count]:
            queue.enqueue_many([Queue.prepare_data(SEND, message, result_ttl=0) for message in backlog(count)])
        case "feed", [rate, seconds]:
            feed(lambda *message: queue.enqueue(SEND, *message, result_ttl=0), rate=rate, seconds=seconds)
        case _:
            SimpleWorker([queue], connection=queue.connection).work(logging_level="WARNING")


if __name__ == "__main__":
    main(*sys.argv[1:])
