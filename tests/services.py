"""A pytest plugin, loaded before the settings are: real PostgreSQL and Redis for the tests, apart from anybody else's.

Each of xdist's workers has a database (pytest-django names it) and a Redis database of its own.
"""

from __future__ import annotations

import os
from pathlib import Path

from julia import embedded
from julia.embedded import addresses

BASE_DIR = Path(__file__).resolve().parent.parent

ENVIRONMENT = {
    "EMBEDDED_ROOT": str(Path(os.environ.get("EMBEDDED_ROOT", BASE_DIR / ".local" / "test")).absolute()),
    "JULIA_ENV": "development",
    "LOG_LEVEL": "WARNING",
    # Open at any hour of any day: tests about the hours set their own.
    "BUSINESS_HOURS": "mon-sun 00:00-24:00",
    "EVOLUTION_INSTANCE": "julia",
}


def _prepare() -> None:
    os.environ.update(ENVIRONMENT)
    root = Path(ENVIRONMENT["EMBEDDED_ROOT"])
    own_redis = addresses.redis_url(root)
    # xdist's workers inherit what their controller set: that is not somebody's own choice, and not their database.
    has_redis = not os.environ.get("REDIS_URL", own_redis).startswith(own_redis.partition("?")[0])
    embedded.start(root=root, postgres="DATABASE_URL" not in os.environ, redis=not has_redis)
    if not has_redis:
        worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        os.environ["REDIS_URL"] = own_redis.replace("db=0", f"db={int(worker) + 1}")


# When the plugin is imported, and not in a hook: pytest-django reads the settings in the first hook there is.
_prepare()
