"""The go/no-go document's "Painel Diário" and security checks: its SQL word for word, its words on what to look for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from canary import database_security, health
from canary.health import Findings, Section
from canary.metrics import Window

_QUERIES = Path(__file__).parent / "queries"
# How far back the document's queries look; for another window only these words of theirs change.
SPAN = "INTERVAL '24 hours'"


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
    """Verify the live database, rule by rule: the document's two checks among them."""
    broken: dict[str, list[str]] = {}
    for finding in database_security.findings():
        broken.setdefault(finding.check, []).append(finding.object)
    rows = [
        {_("check"): name, _("found"): len(broken.get(name, ())), _("where"): "; ".join(broken.get(name, ()))}
        for name in database_security.RULES
    ]
    return Findings(rows=rows, is_ok=not broken)


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
        look_for=(gettext_lazy("All must be 0. What is found is named; docs/database.md says how it is closed."),),
        find=_security,
    ),
)
