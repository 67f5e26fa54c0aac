"""The last things people and the system changed: switches, percentage and incidents in one list, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from canary.cells import as_text
from canary.flag_values import FlagKey, Flags
from canary.models import FeatureFlagChange, Incident, PhaseTransition
from julia.panel.switches import WORDS, positions
from outbound.killswitch import Switch

MOST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Who did what, when and why; `icon` is the name of a symbol."""

    at: datetime
    actor: str
    what: str
    why: str
    icon: str


def latest() -> list[Change]:
    """The latest changes."""
    return sorted([*_switches(), *_moves(), *_incidents()], key=lambda change: change.at, reverse=True)[:MOST]


def _switches() -> Iterator[Change]:
    # The percentage has a history of its own, with the evidence.
    for change in FeatureFlagChange.objects.exclude(key=FlagKey.OUTBOUND_CANARY)[:MOST]:
        yield Change(at=change.changed_at, actor=change.actor, what=_said(change), why=change.reason, icon="toggle_on")


def _said(change: FeatureFlagChange) -> str:
    was, became = (positions(Flags.parse({change.key: value})) for value in (change.before, change.after))
    switch = Switch(change.key)
    if was[switch] == became[switch]:
        return f"{WORDS[switch].title}: {as_text(change.after)}"
    state = WORDS[switch].is_on if became[switch] else WORDS[switch].is_off
    return str(state) if switch is Switch.JULIA else f"{WORDS[switch].title}: {state}"


def _moves() -> Iterator[Change]:
    for move in PhaseTransition.objects.all()[:MOST]:
        what = _("Canary: {before}% → {after}%").format(before=move.from_pct, after=move.to_pct)
        icon = "trending_up" if move.to_pct > move.from_pct else "trending_down"
        yield Change(at=move.at, actor=move.actor, what=what, why=move.reason, icon=icon)


def _incidents() -> Iterator[Change]:
    for incident in Incident.objects.filter(resolved_at__isnull=False).order_by("-resolved_at")[:MOST]:
        if incident.resolved_at:
            what = _("Incident resolved: {what}").format(what=incident)
            yield Change(
                at=incident.resolved_at, actor=incident.resolved_by, what=what, why=incident.note, icon="task_alt"
            )
