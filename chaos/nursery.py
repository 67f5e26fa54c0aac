"""`python -m chaos.nursery`: starts management commands as forks of one process that has loaded everything.

Loading takes a worker more than a second of processor time. Where one is killed every second the machine would do
little else, and only the few that had just come up would be hit. What is forked is a process like any other: it shares
no connection and no lock with anybody, as none is opened here.

Reads one order a line, `{"command": [...], "guard": NAME or null, "files": PATH}`, and answers with the process's id.
What it reads, writes and complains of, and its exit status, stand in files of that name, ending in `.in` (which must be
there), `.out`, `.err` and, once it has ended by itself, `.status`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

LOOK_EVERY_S = 0.02
WRITING = os.O_WRONLY | os.O_CREAT | os.O_APPEND
STREAMS = ((".in", os.O_RDONLY), (".out", WRITING), (".err", WRITING))


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
    # The kernel buries who ends: who wants to know how reads it in the file.
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
    import outbound.management.commands.enqueue
    import outbound.management.commands.rqcron
    import outbound.management.commands.rqworker  # noqa: F401 - what they import is what takes its time


def _become(order: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    files = order["files"]
    for number, (ending, flags) in enumerate(STREAMS):
        os.dup2(os.open(files + ending, flags, 0o644), number)
    # The old one has read ahead in the nursery's orders.
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as this process lives
    status = 1
    try:
        status = _run(order)
    except Exception:  # noqa: BLE001 - in its log, as Python would show it
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        Path(files + ".status").write_text(str(status), encoding="ascii")
        # Not by SystemExit, which would go on in the copy of the loop that it was forked from.
        os._exit(status)


def _run(order: dict[str, Any]) -> int:
    from django.core.management import execute_from_command_line

    from chaos.sabotage import GUARDS

    if order["guard"]:
        GUARDS[order["guard"]]()
    try:
        execute_from_command_line(["manage.py", *order["command"]])
    except SystemExit as end:
        # Without a code it ended well; with words it did not.
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    main()
