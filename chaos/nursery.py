"""`python -m chaos.nursery`: starts management commands as forks of one process that has loaded everything.

Loading takes a worker more than a second of processor time. Where one is killed every second the machine would do
little else, and only the few that had just come up would be hit. What is forked is a process like any other: it shares
no connection and no lock with anybody, as none is opened here.

Reads one order a line, `{"command": [...], "guard": NAME or null, "log": PATH}`, and answers with the process's id.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from subprocess import TimeoutExpired
from typing import Any

LOOK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class Forked:
    """A process that the nursery started: what `subprocess.Popen` offers of it, to who is not its parent."""

    pid: int

    def send_signal(self, number: int) -> None:
        """Send a signal; nothing happens when it has ended."""
        if self.is_alive:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Tell it to end."""
        self.send_signal(signal.SIGTERM)

    def wait(self, timeout: float = 60.0) -> None:
        """Wait for its end.

        Raises:
            TimeoutExpired: when it does not end in time.
        """
        ends_at = time.monotonic() + timeout
        while self.is_alive:
            if time.monotonic() > ends_at:
                raise TimeoutExpired(str(self.pid), timeout)
            time.sleep(LOOK_EVERY_S)

    @property
    def is_alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True


def main() -> None:
    """Load everything, and fork for each order until there are no more."""
    _load()
    # The kernel buries who ends: nobody here asks how.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _load() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "julia.settings")
    import django

    django.setup()
    import outbound.management.commands.rqcron
    import outbound.management.commands.rqworker  # noqa: F401 - what they import is what takes its time


def _become(order: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    output = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, target in enumerate((nothing, output, output)):
        os.dup2(target, number)
    try:
        _run(order)
    except Exception:  # noqa: BLE001 - in its log, as Python would show it
        traceback.print_exc()
    finally:
        # Not by SystemExit, which would go on in the copy of the loop that it was forked from.
        os._exit(0)


def _run(order: dict[str, Any]) -> None:
    from django.core.management import execute_from_command_line

    from chaos.sabotage import GUARDS

    if order["guard"]:
        GUARDS[order["guard"]]()
    execute_from_command_line(["manage.py", *order["command"]])


if __name__ == "__main__":
    main()
