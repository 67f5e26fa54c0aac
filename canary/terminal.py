"""Tables and progress in the terminal, written to where Django's command writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Any, cast

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Column, Table

from canary.health import Findings, Section
from canary.metrics import Metric, Reading

# More lines than this nobody reads in a terminal; --json has them all.
MOST_ROWS = 20


def console_of(command: BaseCommand) -> Console:
    """Give a command's own output to Rich, which wants the bare stream and not Django's wrapper around it."""
    return Console(file=cast(IO[str], command.stdout._out), highlight=False)  # noqa: SLF001 - there is no public name


def health_table(readings: Sequence[tuple[Metric, Reading]]) -> Table:
    """Lay metrics out with their thresholds, and for those violated what to do."""
    table = Table(Column(_("metric"), no_wrap=True), _("value"), _("threshold"), _("state"), _("what to do"))
    for metric, reading in readings:
        action = "" if reading.is_ok else str(metric.action)
        table.add_row(metric.name, reading.shown, metric.threshold, _state(is_ok=reading.is_ok), action)
    return table


def section_lines(section: Section, findings: Findings) -> RenderableType:
    """Lay a section of the panel out: its title and state, its rows, and what to look for in them."""
    return Group(*_section_lines(section, findings))


def _section_lines(section: Section, findings: Findings) -> Iterator[RenderableType]:
    state = "" if findings.is_ok else f"  {_state(is_ok=False)}"
    yield f"\n[bold]{escape(str(section.title))}[/bold]  [dim]health {section.name}[/dim]{state}"
    yield _rows_table(findings) if findings.rows else "  [dim]" + _("nothing") + "[/dim]"
    if len(findings.rows) > MOST_ROWS:
        yield "  " + _("… and {count} more: --json lists them all").format(count=len(findings.rows) - MOST_ROWS)
    if findings.note:
        yield f"  {escape(findings.note)}"
    yield from (f"  [cyan]→[/cyan] {escape(str(hint))}" for hint in section.look_for)


def _rows_table(findings: Findings) -> Table:
    table = Table(*findings.rows[0])
    for row in findings.rows[:MOST_ROWS]:
        table.add_row(*(_cell(value) for value in row.values()))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return "—"
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%d/%m/%Y %H:%M:%S")
    return escape(str(value))


def _state(*, is_ok: bool) -> str:
    return "[green]" + _("OK") + "[/green]" if is_ok else "[bold red]" + _("ALERT") + "[/bold red]"
