"""Campaigns in the terminal: a rehearsal, progress and results as tables and bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from outbound.campaigns import charts, wording
from outbound.campaigns.rehearsal import Line, Rehearsal, Verdict
from outbound.campaigns.results import Progress, Results
from outbound.models import Campaign
from outbound.words import STATUSES

MOST_LISTED = 50
BAR_WIDTH = 60
COLOURS = {Verdict.NOW: "green", Verdict.LATER: "yellow", Verdict.NEVER: "red"}


def rehearsed(found: Rehearsal) -> RenderableType:
    """What would happen: a bar, a table by verdict and reason, what stands against it, and real texts."""
    return Group(*_rehearsed(found))


def _rehearsed(found: Rehearsal) -> Iterator[RenderableType]:
    counts = {verdict: found.count(verdict) for verdict in Verdict}
    yield _bar([(COLOURS[verdict], count) for verdict, count in counts.items()])
    table = Table(_("verdict"), _("why"), _("people"), _("when"))
    for line in found.lines:
        verdict = f"[{COLOURS[line.verdict]}]{verdict_word(line.verdict)}[/]"
        table.add_row(verdict, wording.reason(line.reason), str(line.count), when(line))
    yield table
    yield _("Judged as of {at}, in phase {phase}: {people} people.").format(
        at=_moment(found.at), phase=found.phase, people=found.audience
    )
    yield from (f"[red]✗[/] {escape(wording.of_finding(finding))}" for finding in found.findings)
    yield from (Panel(Text(text), title=_("preview")) for text in found.previews)


def progressed(campaign: Campaign, progress: Progress) -> RenderableType:
    """How far it is: how many are where, and why."""
    table = Table(_("status"), _("reason"), _("people"), title=escape(f"{campaign} · {wording.STATES[progress.state]}"))
    if progress.to_feed:
        table.add_row(_("not enqueued yet"), "", str(progress.to_feed))
    for status, count in sorted(progress.statuses.items()):
        table.add_row(str(STATUSES[status]), "", str(count))
        for (of, reason), part in sorted(progress.reasons.items()):
            if of == status:
                table.add_row("", wording.reason(reason), str(part))
    for reason, count in sorted(progress.left_out.items()):
        table.add_row(_("left out"), wording.reason(reason), str(count))
    return table


def resulted(campaign: Campaign, found: Results) -> RenderableType:
    """What came of it: outcomes, then by the hour what left and who answered."""
    table = Table(_("hour"), _("sent"), "", _("answers"))
    columns = charts.by_hour(found.sent_by_hour, since=campaign.starts_at, until=campaign.starts_at)
    hours = {column.hour: column for column in columns}
    for hour in sorted({*hours, *found.replies_by_hour}):
        column = hours.get(hour)
        length = round(float(column.percent) / 100 * BAR_WIDTH / 2) if column else 0
        sent, replies = (column.count if column else 0), found.replies_by_hour.get(hour, 0)
        table.add_row(_moment(hour), str(sent), "█" * length, str(replies))
    totals = _("{replies} people answered, {opted_out} opted out.").format(
        replies=found.replies, opted_out=found.opted_out
    )
    return Group(progressed(campaign, found.progress), table, totals)


def listed(campaigns: Iterable[Campaign]) -> Table:
    """The campaigns, one a line."""
    table = Table(_("name"), _("state"), _("starts at"), _("ends at"), _("owner"), "id")
    for one in campaigns:
        state = str(wording.STATES[one.state])
        times = (_moment(one.starts_at), _moment(one.ends_at))
        table.add_row(escape(one.name), state, *times, escape(one.owner), str(one.pk))
    return table


def verdict_word(verdict: Verdict) -> str:
    """Name a verdict."""
    return {Verdict.NOW: _("now"), Verdict.LATER: _("later"), Verdict.NEVER: _("never")}[verdict]


def when(line: Line) -> str:
    """Say when the people of a line would get their message."""
    if line.verdict is Verdict.LATER and line.first_at is None:
        return _("until released")
    if line.verdict is Verdict.NEVER or line.first_at is None or line.last_at is None:
        return ""
    first, last = _moment(line.first_at), _moment(line.last_at)
    return first if first == last else f"{first} → {last}"


def _bar(parts: list[tuple[str, int]]) -> Text:
    bar = Text()
    for colour, _name, share in [(piece.kind, piece.name, piece.percent) for piece in _pieces(parts)]:
        bar.append("█" * max(1, round(float(share) / 100 * BAR_WIDTH)), style=colour)
    return bar


def _pieces(parts: list[tuple[str, int]]) -> list[charts.Piece]:
    return charts.divide([(colour, "", count) for colour, count in parts])


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "D d/m H:i")
