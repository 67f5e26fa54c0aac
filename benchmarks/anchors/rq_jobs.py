"""What people would use instead: one RQ job per message, that posts it and nothing else."""

from __future__ import annotations

import os
import sys

import httpx
from redis import Redis
from rq import Queue, SimpleWorker

URL = os.environ.get("BENCH_URL", "")
REDIS = os.environ.get("BENCH_REDIS", "")
client = httpx.Client(base_url=URL, headers={"apikey": "sandbox-key"}) if URL else None


def send(number: str, text: str) -> None:
    """Post one message over a connection that is kept."""
    assert client is not None
    client.post("/message/sendText/bench", json={"number": number, "text": text}).raise_for_status()


def queue() -> Queue:
    return Queue("bench", connection=Redis.from_url(REDIS))


if __name__ == "__main__":
    if sys.argv[1] == "enqueue":
        numbers = (f"55119{70000000 + n}" for n in range(int(sys.argv[2])))
        queue().enqueue_many([Queue.prepare_data(send, (number, "Olá"), result_ttl=0) for number in numbers])
    else:
        SimpleWorker([queue()], connection=queue().connection).work(logging_level="WARNING")
