"""Real PostgreSQL and Redis for development and tests, where no others are configured.

They start with the first process that needs them and stop with the last. Who uses them holds a shared lock on a file,
which the kernel lets go of however the process ends; a keeper process runs the servers until nobody holds it.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from julia.embedded.locks import exclusive, is_locked

IN_USE = "in-use.lock"
START = "start.lock"
KEEPER = "keeper.lock"
READY = "ready"
LOG = "keeper.log"
PATIENCE_S = 90.0
# These need neither a database nor Redis.
WITHOUT_SERVICES = frozenset({"help", "--help", "-h", "--version", "evolution_sandbox", "collectstatic"})

# Open files whose shared locks say that this process uses the services; forked children share them.
_in_use: dict[Path, int] = {}


class EmbeddedServicesError(RuntimeError):
    """The embedded services did not come up; the message ends with the keeper's last words."""


def start(*, root: Path, postgres: bool = True, redis: bool = True) -> None:
    """Have the services of `root` running for as long as this process lives; nothing to do where neither is wanted.

    Raises:
        EmbeddedServicesError: when they do not come up.
    """
    if not (postgres or redis) or root in _in_use:
        return
    root.mkdir(parents=True, exist_ok=True)
    with exclusive(root / START):
        # Waits here while a keeper whose users have all gone is shutting down.
        _in_use[root] = _hold(root / IN_USE)
        if not (is_locked(root / KEEPER) and (root / READY).exists()):
            _start_keeper(root)


def needs_services(argv: Sequence[str]) -> bool:
    """Whether the management command about to run needs a database and Redis, and all else that is configured."""
    if len(argv) < 2:  # noqa: PLR2004 - manage.py alone lists what there is
        return False
    return argv[1] not in WITHOUT_SERVICES and not {"--help", "-h"} & set(argv[2:])


def start_configured() -> None:
    """Start what the environment does not configure, for this process."""
    from django.conf import settings  # noqa: PLC0415 - settings import this package

    start(root=settings.EMBEDDED_ROOT, postgres=not settings.DATABASE_URL, redis=not settings.REDIS_URL)


def _hold(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def _start_keeper(root: Path) -> None:
    (root / READY).unlink(missing_ok=True)
    with (root / LOG).open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "julia.embedded.keeper", str(root)],
            cwd=Path(__file__).resolve().parent.parent.parent,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C in the terminal ends the users first, and the services after them.
            start_new_session=True,
        )
    ends_at = time.monotonic() + PATIENCE_S
    while not (root / READY).exists():
        if keeper.poll() is not None or time.monotonic() > ends_at:
            last = _end(root / LOG)
            raise EmbeddedServicesError(f"PostgreSQL and Redis did not start. {root / LOG} ends with:\n{last}")
        time.sleep(0.02)
    # It outlives this process, which has no need to know how it ends.
    keeper.returncode = 0


def _end(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
