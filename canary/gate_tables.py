"""The rollout in the terminal: the document's table of phases, and what the next one's gate says."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from rich.table import Table

from canary import gate_words
from canary.criteria import Criterion
from canary.gates import Gate, Row

# Of a hundred gaps the first say it.
MOST_LINES = 5


def canary_table(rows: Sequence[Row]) -> Table:
    """Lay the phases out as the go/no-go document does (Resumo Executivo)."""
    table = Table(_("Phase"), _("% Canary"), _("Status"), _("Prerequisites"))
    for row in rows:
        here = " " + _("(current)") if row.is_current else ""
        table.add_row(row.phase.code, f"{row.phase.pct}%", _go(is_go=row.is_go) + here, _prerequisites(row))
    return table


def _go(*, is_go: bool) -> str:
    return "[green]GO[/green]" if is_go else "[bold red]NO-GO[/bold red]"


def _prerequisites(row: Row) -> str:
    lines = [f"{_mark(criterion)} {gate_words.name_of(criterion.code)}" for criterion in row.prerequisites]
    lines += [_("playbook of incidents drilled")] if row.phase.drills else []
    return "\n".join(lines)


def _mark(criterion: Criterion) -> str:
    return "✓" if criterion.is_met else "[bold red]✗[/bold red]"


def gate_table(gate: Gate) -> Table:
    """Lay out what the next phase needs, what is missing of it, and from when it can be there."""
    title = _("To phase {code} ({pct}%)").format(code=gate.target.code, pct=gate.target.pct) if gate.target else None
    table = Table(_("criterion"), _("state"), _("what is missing"), _("at the earliest"), title=title)
    for criterion in gate.criteria:
        says = [gate_words.says(missing) for missing in criterion.missing]
        table.add_row(
            gate_words.name_of(criterion.code),
            _mark(criterion),
            _few(says) if says else gate_words.seen(criterion),
            gate_words.earliest(criterion),
        )
    return table


def _few(lines: list[str]) -> str:
    more = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], _("… and {count} more").format(count=more)] if more > 0 else lines)
