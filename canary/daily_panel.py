"""The go/no-go document's "Painel Diário" and security checks: its SQL word for word, its words on what to look for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from canary import health
from canary.health import Findings, Section
from canary.metrics import Window

_QUERIES = Path(__file__).parent / "queries"
# How far back the document's queries look; for another window only these words of theirs change.
SPAN = "INTERVAL '24 hours'"
ROLE_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'anon')"


def sql(name: str) -> str:
    """Read one of the document's queries as it stands there."""
    return (_QUERIES / f"{name}.sql").read_text(encoding="utf-8")


def sections() -> list[Section]:
    """The whole panel: the document's sections, then those that other packages added."""
    return [*SECTIONS, *health.registered()]


def _listed(name: str) -> Callable[[Window], Findings]:
    return lambda window: Findings(rows=_run(name, window))


def _must_be_empty(name: str) -> Callable[[Window], Findings]:
    def find(window: Window) -> Findings:
        found = _run(name, window)
        return Findings(rows=found, is_ok=not found)

    return find


def _run(name: str, window: Window) -> list[dict[str, Any]]:
    hours = max(round((window.until - window.since) / timedelta(hours=1)), 1)
    with connection.cursor() as cursor:
        cursor.execute(sql(name).replace(SPAN, f"INTERVAL '{hours} hours'"))
        columns = [column[0] for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _security(_window: Window) -> Findings:
    """Run the document's two checks; a role that does not exist can do nothing, and PostgreSQL knows no answer then."""
    with connection.cursor() as cursor:
        if not _value(cursor, ROLE_EXISTS):
            return Findings(note=_("This database has no role anon: nothing can be granted to it."))
        found = {name: _value(cursor, sql(name)) for name in ("security_grants", "security_functions")}
    checks = {
        _("tables granted to anon"): found["security_grants"],
        _("SECURITY DEFINER functions that anon may call"): found["security_functions"],
    }
    listed = [{_("check"): name, _("found"): count} for name, count in checks.items()]
    return Findings(rows=listed, is_ok=not any(checks.values()))


def _value(cursor: Any, query: str) -> Any:
    cursor.execute(query)
    return cursor.fetchone()[0]


SECTIONS = (
    Section(
        name="volume",
        title=gettext_lazy("Q1: volume by type of event"),
        look_for=(
            gettext_lazy("outbound_blocked and outbound_bypass in healthy proportion."),
            gettext_lazy("outbound_fallback must be 0."),
            gettext_lazy("The overall volume suits what is going on."),
        ),
        find=_listed("q1_volume"),
    ),
    Section(
        name="guardrails",
        title=gettext_lazy("Q2: what guardrails blocked and people bypassed, by reason"),
        look_for=(
            gettext_lazy("opted_out should be the most common reason to block."),
            gettext_lazy("Every bypass has its bypass_reason."),
            gettext_lazy("No channel or method that nobody expects."),
        ),
        metric="bypass_without_reason",
        find=_listed("q2_blocked_and_bypassed"),
    ),
    Section(
        name="invalid_replies",
        title=gettext_lazy("Q3: replies without an inbound message (bug or race)"),
        look_for=(gettext_lazy("Must be EMPTY. Any line is a race condition or a bug in the pipeline."),),
        metric="invalid_reply",
        find=_must_be_empty("q3_invalid_replies"),
    ),
    Section(
        name="provider_errors",
        title=gettext_lazy("Q4: provider errors by hour"),
        look_for=(gettext_lazy("Ideally empty. Above 1% of the volume: look into Evolution and the network."),),
        metric="provider_error_rate",
        find=_listed("q4_provider_errors"),
    ),
    Section(
        name="fallback",
        title=gettext_lazy("Q5: uses of the deprecated way in"),
        look_for=(gettext_lazy("MUST be empty. Any line is a call site that was not moved."),),
        metric="outbound_fallback",
        find=_must_be_empty("q5_fallback"),
    ),
    Section(
        name="security",
        title=gettext_lazy("Security of the database"),
        look_for=(gettext_lazy("Both must be 0."),),
        find=_security,
    ),
)
