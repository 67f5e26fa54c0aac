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


def socket_folder(root: Path) -> Path:
    """Name the folder of the sockets: under `root`, or a short one of its own where that path would be too long."""
    folder = root / "run"
    if len(str(folder / POSTGRES_SOCKET)) <= LONGEST_SOCKET_PATH:
        return folder
    digest = hashlib.sha256(str(root).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"julia-{digest}"


def database_url(root: Path) -> str:
    """Name the embedded PostgreSQL, as `DATABASE_URL` would."""
    return f"postgresql://postgres@/{DATABASE}?host={socket_folder(root)}"


def redis_url(root: Path) -> str:
    """Name the embedded Redis, as `REDIS_URL` would."""
    return f"unix://{socket_folder(root) / REDIS_SOCKET}?db=0"
