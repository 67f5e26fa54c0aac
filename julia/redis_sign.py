"""A sign of life of Redis, for who must not wait long for it."""

from __future__ import annotations

import redis
import redis.exceptions
from django_rq.settings import QUEUES

PATIENCE_S = 2.0


def answers() -> bool:
    """Whether the Redis of the queues answers within two seconds."""
    url = QUEUES["dispatch"]["URL"]
    with redis.Redis.from_url(url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S) as client:
        try:
            return bool(client.ping())
        except redis.exceptions.RedisError:
            return False
