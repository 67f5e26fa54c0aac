"""The threat model names a test for each threat: every one of them is there."""

from __future__ import annotations

import re

from django.conf import settings

NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
MODEL = settings.BASE_DIR / "docs" / "threat-model.md"


def rows() -> list[str]:
    return [line for line in MODEL.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][2:]


def test_every_threat_names_a_test() -> None:
    assert len(rows()) > 10
    assert [row for row in rows() if not NAMED.search(row)] == []


def test_every_test_it_names_is_there() -> None:
    named = NAMED.findall(MODEL.read_text(encoding="utf-8"))

    missing = [
        (path, name)
        for path, name in named
        if not (settings.BASE_DIR / path).exists()
        or (name and f"def {name}(" not in (settings.BASE_DIR / path).read_text(encoding="utf-8"))
    ]

    assert missing == []
