"""Where the embedded services of a checkout listen; known without starting anything."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

# A Unix socket's path may have 107 bytes; PostgreSQL appends its own file name to the folder's.
LONGEST_SOCKET_PATH = 100
POSTGRES_SOCKET = ".s.PGSQL.5432"
REDIS_SOCKET = "redis.sock"
DATABASE = "julia"
# The superuser is the server's own; nothing of ours connects as it once the server is up.
SUPERUSER, OWNER, APPLICATION = "postgres", "julia_owner", "julia_app"


def socket_folder(root: Path) -> Path:
    """Name the folder of the sockets: under `root`, or a short one of its own where that path would be too long."""
    folder = root / "run"
    if len(str(folder / POSTGRES_SOCKET)) <= LONGEST_SOCKET_PATH:
        return folder
    digest = hashlib.sha256(str(root).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"julia-{digest}"


def database_url(root: Path) -> str:
    """Name the embedded PostgreSQL, as `DATABASE_URL` would."""
    return _url(root, user=APPLICATION, database=DATABASE)


def owner_url(root: Path) -> str:
    """Name it as `DATABASE_OWNER_URL` would."""
    return _url(root, user=OWNER, database=DATABASE)


def superuser_url(root: Path) -> str:
    """Name the server, for who sets it up."""
    return _url(root, user=SUPERUSER, database="postgres")


def _url(root: Path, *, user: str, database: str) -> str:
    return f"postgresql://{user}@/{database}?host={socket_folder(root)}"


def redis_url(root: Path) -> str:
    """Name the embedded Redis, as `REDIS_URL` would."""
    return f"unix://{socket_folder(root) / REDIS_SOCKET}?db=0"
