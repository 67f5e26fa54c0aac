"""A campaign's rehearsal and results for a page: words, bars and rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from outbound.campaigns import charts, wording
from outbound.campaigns.rehearsal import Line, Rehearsal, Verdict
from outbound.campaigns.results import Progress, Results
from outbound.methods import Status
from outbound.models import Campaign
from outbound.words import STATUSES

SHOWN_AS = {
    Status.SENT: "sent",
    Status.QUEUED: "queued",
    Status.SENDING: "queued",
    Status.UNKNOWN: "queued",
    Status.FAILED: "blocked",
    Status.BLOCKED: "blocked",
}


def rehearsal_context(found: Rehearsal) -> dict[str, Any]:
    """What would happen, for a template."""
    words = {Verdict.NOW: _("now"), Verdict.LATER: _("later"), Verdict.NEVER: _("never")}
    return {
        "found": found,
        "bar": charts.divide([(verdict, words[verdict], found.count(verdict)) for verdict in Verdict]),
        "rows": [(words[line.verdict], wording.reason(line.reason), line.count, _when(line)) for line in found.lines],
        "findings": [wording.of_finding(finding) for finding in found.findings],
    }


def results_context(campaign: Campaign, found: Results, *, now: datetime) -> dict[str, Any]:
    """How far a campaign is and what came of it, for a template."""
    progress = found.progress
    parts = [(SHOWN_AS[Status(code)], str(STATUSES[code]), count) for code, count in sorted(progress.statuses.items())]
    parts += [
        ("blocked", _("left out"), sum(progress.left_out.values())),
        ("open", _("to be enqueued"), progress.to_feed),
    ]
    until = min(now, campaign.ends_at)
    by_hour = ((_("Sent per hour"), found.sent_by_hour), (_("Answers per hour"), found.replies_by_hour))
    return {
        "found": found,
        "state": wording.STATES[campaign.state],
        "bar": charts.divide(parts),
        "reasons": _reasons(progress),
        "hours": [
            (title, sum(counts.values()), charts.by_hour(counts, since=campaign.starts_at, until=until))
            for title, counts in by_hour
        ],
    }


def _reasons(progress: Progress) -> list[tuple[str, str, int]]:
    messages = [(str(STATUSES[of]), code, count) for (of, code), count in sorted(progress.reasons.items())]
    people = [(_("left out"), code, count) for code, count in sorted(progress.left_out.items())]
    return [(of, wording.reason(code), count) for of, code, count in [*messages, *people]]


def _when(line: Line) -> str:
    if line.verdict is Verdict.LATER and line.first_at is None:
        return _("until released")
    if line.verdict is Verdict.NEVER or line.first_at is None or line.last_at is None:
        return ""
    first, last = (date_format(localtime(at), "D d/m H:i") for at in (line.first_at, line.last_at))
    return first if first == last else f"{first} → {last}"
