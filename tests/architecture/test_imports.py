"""Fase A, Pré-requisitos: "CI guard (architecture test) | `test_architecture_guardrails.py`".

The import contracts of `pyproject.toml` hold, and each of them fails when somebody goes round it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from julia.processes import BASE_DIR

PACKAGES = ("julia", "handoff", "outbound", "canary")
LINT_IMPORTS = (sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*LINT_IMPORTS, "--no-cache"], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code as it stands, to be spoiled."""
    for package in PACKAGES:
        shutil.copytree(BASE_DIR / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(BASE_DIR / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_import_contracts_are_kept() -> None:
    done = _lint(BASE_DIR)

    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("canary/sabotage.py", "from outbound import outbox", "Imports run one way"),
        ("outbound/outbox.py", "from outbound import jobs", "Inside outbound"),
        ("outbound/sabotage.py", "", "Inside outbound"),  # a file that says nowhere where it belongs
        ("outbound/guardrails/rules.py", "from django.db import connection", "Decisions are pure"),
        ("outbound/guardrails/rules.py", "from outbound import models", "Decisions are pure"),
        ("outbound/outbox.py", "from outbound.evolution import client", "One way out"),
        ("handoff/bridge.py", "from handoff import jobs", "Inside handoff"),
        ("handoff/sabotage.py", "", "Inside handoff"),
        ("handoff/replies.py", "from django.db import connection", "Decisions are pure"),
        ("handoff/sabotage.py", "from outbound.evolution.courier import Courier", "One way out"),
        ("julia/sabotage.py", "import aiohttp", "One HTTP client"),
        ("outbound/settlement.py", "def f():\n    import aiohttp", "One HTTP client"),
        ("canary/metrics.py", "def f():\n    from canary import models, flags, events", ""),
    ],
)
def test_who_goes_round_a_contract_is_caught(file: str, line: str, contract: str, copy: Path) -> None:
    spoiled = copy / file
    before = spoiled.read_text(encoding="utf-8") if spoiled.exists() else ""

    spoiled.write_text(f"{before}\n{line}\n", encoding="utf-8")
    done = _lint(copy)

    broken = [row for row in done.stdout.splitlines() if row.endswith("BROKEN")]
    if contract:
        assert done.returncode == 1
        assert any(row.startswith(contract) for row in broken), done.stdout
    else:
        # Imports that go the right way are nobody's business.
        assert broken == []


def test_a_circle_is_caught_even_inside_functions(copy: Path) -> None:
    for file, line in (
        ("canary/buckets.py", "def f():\n    from canary import terminal\n"),
        ("canary/terminal.py", "def f():\n    from canary import buckets\n"),
    ):
        with (copy / file).open("a", encoding="utf-8") as spoiled:
            spoiled.write(line)

    done = _lint(copy)

    assert done.returncode == 1
    assert any(row.startswith("No circles") and row.endswith("BROKEN") for row in done.stdout.splitlines())
