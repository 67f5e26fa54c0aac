"""Issue 4, item 4: "there is no force": nothing but `canary.rollout` changes the percentage."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from julia.processes import BASE_DIR
from outbound.killswitch import Switch

PACKAGES = ("julia", "handoff", "outbound", "canary")
# The demo plays on a database of its own, which begins and ends with it.
ALLOWED = {"canary/rollout.py", "julia/demo/scenario.py"}
WRITES = ("switch", "update", "update_or_create", "bulk_update", "save", "execute")


def writers(path: Path) -> Iterator[int]:
    """Find calls that write and name the canary's switch."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        function = ast.unparse(node.func)
        if function.rpartition(".")[2] in WRITES and "outbound_canary" in ast.unparse(node).lower():
            yield node.lineno


def test_nothing_but_the_rollout_writes_the_percentage() -> None:
    files = [path for package in PACKAGES for path in (BASE_DIR / package).rglob("*.py")]

    found = {
        str(path.relative_to(BASE_DIR)) for path in files if "migrations" not in path.parts and list(writers(path))
    }

    assert "canary/rollout.py" in found, "the search finds what it looks for"
    assert found <= ALLOWED


def test_the_kill_switches_cannot_reach_it() -> None:
    assert "outbound_canary" not in set(Switch)
