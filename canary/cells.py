"""What stands in the cells of tables: instants and JSON as people read them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime


def moment(at: datetime | None) -> str:
    """An instant to the second; nothing for none."""
    return date_format(localtime(at), "d/m/Y H:i:s") if at else ""


def as_text(value: Any) -> str:
    """JSON in one line, without what is null."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return " · ".join(f"{key}: {item}" for key, item in value.items() if item is not None)
