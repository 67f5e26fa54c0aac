"""`make demo`, as a newcomer runs it: it ends by itself, and shows what became of every message."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings

from julia import embedded
from julia.embedded.locks import exclusive


@pytest.fixture(scope="module")
def demo():
    with tempfile.TemporaryDirectory(prefix="julia-demo-", ignore_cleanup_errors=True) as root:
        yield run_demo(root)
        with exclusive(Path(root) / embedded.KEEPER):
            pass  # the services have stopped


def run_demo(root):
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo"],
        env={**env, "EMBEDDED_ROOT": root, "COLUMNS": "120", "BUSINESS_HOURS": "sun 00:00-00:01"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_demo_ends_by_itself_with_success(demo):
    assert demo.returncode == 0, demo.stdout + demo.stderr


@pytest.mark.parametrize(
    "words",
    [
        "enviada",
        "opted_out",
        "opted_out_bypass_no_reason",
        "outside_canary",
        "rate_limited",
        "duplicate",
        "outbound_bypass",
        "exatamente estas",
        "outbound_to_opted_out",
        "manage.py explain",
    ],
)
def test_demo_shows(demo, words):
    assert words in demo.stdout


def test_demo_refuses_a_database_that_is_not_its_own(tmp_path):
    result = subprocess.run(
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo"],
        env={**os.environ, "DATABASE_URL": "postgresql://somebody@/theirs", "EMBEDDED_ROOT": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert result.returncode == 1
    assert "esvazia" in result.stderr
