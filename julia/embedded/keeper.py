"""`python -m julia.embedded.keeper ROOT`: runs the services of one checkout until nobody uses them any more."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from julia.embedded import IN_USE, KEEPER, READY
from julia.embedded.locks import try_exclusive
from julia.embedded.postgres import Postgres
from julia.embedded.redis import Redis

LOOK_EVERY_S = 0.5


def keep(root: Path) -> None:
    """Start the services, restart one that dies, and stop them once the last user has gone."""
    alone = try_exclusive(root / KEEPER)
    if alone is None:
        return  # another keeper is at it
    services: tuple[Postgres, Redis] = (Postgres(root), Redis(root))
    try:
        for service in services:
            service.start()
        (root / READY).touch()
        # Whoever wants to use the services from here on waits for the lock, and finds them gone.
        while (last := try_exclusive(root / IN_USE)) is None:
            for service in services:
                if not service.is_running():
                    service.start()
            time.sleep(LOOK_EVERY_S)
    finally:
        (root / READY).unlink(missing_ok=True)
        for service in services:
            service.stop()
    os.close(last)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
