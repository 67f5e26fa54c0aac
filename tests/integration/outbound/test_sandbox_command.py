"""The command that runs the sandbox as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from django.core.management import CommandError, call_command

from tests.integration.outbound.sandboxes import provider, send

ROOT = Path(__file__).parents[3]
ANNOUNCEMENT = "evolution_sandbox listening on "


@contextmanager
def sandbox_process(*options):
    """Start the command; yield it and the URL its first line tells."""
    # Not manage.py, which would start the embedded services; and a database that is not there must not be missed.
    command = [sys.executable, "-m", "django", "evolution_sandbox", "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": path(), "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            line = process.stdout.readline()
            assert line.startswith(ANNOUNCEMENT), process.stderr.read()
            yield process, line.removeprefix(ANNOUNCEMENT).strip()
        finally:
            process.kill()


def path():
    return os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_announces_itself_serves_and_stops_cleanly(number):
    with sandbox_process("--instance", "a b", "--api-key", "k", "--fail", "status503:first=1") as (process, url):
        with provider(url, key="k") as client:
            statuses = [send(client, instance="a b").status_code for _ in range(2)]
        process.send_signal(number)

        assert process.wait(timeout=5) == 0
        assert statuses == [503, 201]
        assert url.startswith("http://127.0.0.1:")
        assert process.stderr.read() == ""


def test_it_stops_quickly_while_somebody_waits():
    with sandbox_process("--fail", "timeout_before") as (process, url):
        with provider(url, timeout_s=0.3) as client, pytest.raises(httpx.ReadTimeout):
            send(client)
        process.terminate()

        assert process.wait(timeout=5) == 0


def test_production_is_refused(settings):
    settings.JULIA_ENV = "production"

    with pytest.raises(CommandError, match="production"):
        call_command("evolution_sandbox", port=0)


@pytest.mark.parametrize("spec", ["explode", "status503=2", "status503:last=1", "status503:first=x"])
def test_a_fault_that_cannot_be_read_is_named(spec):
    with pytest.raises(CommandError, match=spec):
        call_command("evolution_sandbox", "--port", "0", "--fail", spec)


def test_a_port_that_is_taken_is_told():
    with sandbox_process() as (_process, url), pytest.raises(CommandError):
        call_command("evolution_sandbox", "--port", url.rsplit(":", 1)[1])


def test_help_teaches_with_examples(capsys):
    with pytest.raises(SystemExit):
        call_command("evolution_sandbox", "--help")

    help_text = capsys.readouterr().out
    assert "--fail timeout_after=0.2 --store-lag-ms 2000" in help_text
    assert "/_sandbox/inbound" in help_text
