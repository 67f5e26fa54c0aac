"""Other processes of this project, started and stopped: the sandbox and workers of the demo, benchmarks and tests."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
STOP_S = 40.0


class ProcessFailedError(RuntimeError):
    """A process did not come up, or did not stop; the message ends with the last lines of its log."""


@contextmanager
def manage(*arguments: str, env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a management command in a process of its own, its output in `log`, and stop it with SIGTERM at the end."""
    with _running([sys.executable, str(BASE_DIR / "manage.py"), *arguments], env=env, log=log) as process:
        yield process


@contextmanager
def web(*, env: Mapping[str, str], log: Path, workers: int = 2) -> Iterator[str]:
    """Run the web process as the Procfile does, on a free port, and answer its URL once it answers requests.

    Raises:
        ProcessFailedError: when it does not come up within 20 s, or has not loaded everything within another 60 s.
    """
    log.unlink(missing_ok=True)
    server = [sys.executable, "-m", "gunicorn", "julia.wsgi", "--bind", "127.0.0.1:0", "--workers", str(workers)]
    with _running([*server, "--chdir", str(BASE_DIR)], env=env, log=log) as process:
        url = _url_in(log, process, after="Listening at: ")
        _wait_for_answer(f"{url}/healthz", log)
        yield url


@contextmanager
def _running(command: Sequence[str], *, env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command,
            env={**os.environ, **env, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        _stop(process, log)


@contextmanager
def sandbox(*arguments: str, env: Mapping[str, str], log: Path) -> Iterator[str]:
    """Run the provider sandbox on a free port, and answer its URL.

    Raises:
        ProcessFailedError: when it does not come up within 20 s.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    with manage("evolution_sandbox", "--port", "0", *arguments, env=env, log=log) as process:
        yield _url_in(log, process, after=" listening on ")


def last_lines(log: Path, *, count: int = 20) -> str:
    """The end of a log, for an error message."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])


def _url_in(log: Path, process: subprocess.Popen[bytes], *, after: str, patience_s: float = 20.0) -> str:
    ends_at = time.monotonic() + patience_s
    while time.monotonic() < ends_at and process.poll() is None:
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            if after in line:
                return line.partition(after)[2].split()[0]
        select.select([], [], [], 0.02)
    raise ProcessFailedError(f"A server did not come up:\n{last_lines(log)}")


def _wait_for_answer(url: str, log: Path, *, patience_s: float = 60.0) -> None:
    try:
        with urllib.request.urlopen(url, timeout=patience_s):  # noqa: S310 - our own server
            return
    except OSError as error:
        raise ProcessFailedError(f"A server does not answer:\n{last_lines(log)}") from error


def _stop(process: subprocess.Popen[bytes], log: Path) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=STOP_S)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.wait()
        raise ProcessFailedError(f"A process did not stop:\n{last_lines(log)}") from error
