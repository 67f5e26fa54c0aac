"""Tables and progress in the terminal, written to where Django's command writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, cast

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from canary.metrics import Metric, Reading


def console_of(command: BaseCommand) -> Console:
    """Give a command's own output to Rich, which wants the bare stream and not Django's wrapper around it."""
    return Console(file=cast(IO[str], command.stdout._out), highlight=False)  # noqa: SLF001 - there is no public name


def health_table(readings: Sequence[tuple[Metric, Reading]]) -> Table:
    """Lay metrics out with their thresholds, and for those violated what to do."""
    table = Table(_("metric"), _("value"), _("threshold"), _("state"), _("what to do"))
    for metric, reading in readings:
        state = f"[green]{_('OK')}[/green]" if reading.is_ok else f"[bold red]{_('ALERT')}[/bold red]"
        table.add_row(metric.name, reading.shown, metric.threshold, state, "" if reading.is_ok else str(metric.action))
    return table
