"""Rows of a raw query by the names of their columns."""

from __future__ import annotations

from typing import Any

from django.db.backends.utils import CursorWrapper


def as_dicts(cursor: CursorWrapper) -> list[dict[str, Any]]:
    """Fetch all rows as `{column: value}`."""
    rows = cursor.fetchall()
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in rows]
