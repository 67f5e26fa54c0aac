"""The messages behind a violated metric: what left for somebody who had opted out, and what left twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from canary import health
from canary.health import Findings, Section
from canary.metrics import Window
from outbound import rows

_QUERIES = Path(__file__).parent / "queries"
SENT_TO_OPTED_OUT, DUPLICATES, WITNESSED_DUPLICATES = (
    (_QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    for name in ("sent_to_opted_out", "duplicates", "witnessed_duplicates")
)


def count(query: str, window: Window) -> int:
    """Count what one of the queries above finds in a window."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({query}) AS found", _parameters(window))  # noqa: S608 - a file of ours
        found: int = cursor.fetchone()[0]
    return found


def sent_to_opted_out(window: Window) -> Findings:
    """List what left for somebody while he was opted out."""
    return Findings(rows=_find(SENT_TO_OPTED_OUT, window))


def duplicates(window: Window) -> Findings:
    """List what left twice, by our own rows and by the provider's witness."""
    ours = [{**row, "witness": "outbound_messages"} for row in _find(DUPLICATES, window)]
    theirs = [{**row, "witness": "provider_messages"} for row in _find(WITNESSED_DUPLICATES, window)]
    return Findings(rows=[*ours, *theirs])


def register_all() -> None:
    """Offer the lists to `manage.py health`."""
    health.register(
        Section(
            name="duplicates",
            title=_("Duplicates: what left twice"),
            look_for=(_("Must be empty; beyond one, pause Julia and investigate."),),
            metric="duplicates",
            lists_violations=True,
            find=duplicates,
        )
    )
    health.register(
        Section(
            name="opted_out",
            title=_("Opted out: what left for who wants no messages"),
            look_for=(
                _("Must be empty; a leak is critical: roll back and pause Julia at once."),
                _("A message of no row of ours left by another way, a phone with our number included."),
            ),
            metric="outbound_to_opted_out",
            lists_violations=True,
            find=sent_to_opted_out,
        )
    )


def _find(query: str, window: Window) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query, _parameters(window))
        return rows.as_dicts(cursor)


def _parameters(window: Window) -> dict[str, Any]:
    return {"since": window.since, "until": window.until}
