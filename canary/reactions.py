"""What the system does by itself about violated metrics: the go/no-go document's "Ação se violado" and "Contatos de
Escalação", as a pure function.

    react([Violation(kind="outbound_to_opted_out", is_new=True)], flags=Flags(julia_enabled=True, canary_pct=50))
    # [PauseJulia(because=…), RollBack(because=…, to_pct=25), HoldPromotion(because=…)]

No action switches anything on, and the more is violated, the more is done. It acts when an incident opens, and again
only on evidence that came up while Julia was on since: what an operator deliberately resumes after looking at the
evidence is not paused again for the same evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from canary import phases
from canary.flag_values import Flags
from canary.incident_kinds import IncidentKind

# Go/no-go document, Contatos de Escalação: "Rollback imediato + pausar_julia"; "pausar_julia + investigar".
ROLLS_BACK = frozenset({IncidentKind.OPTED_OUT_LEAK})
PAUSES = frozenset({IncidentKind.OPTED_OUT_LEAK, IncidentKind.DUPLICATES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A metric outside its threshold: `is_new` when its incident just opened, `has_grown` when there is more evidence
    than when it was last looked at.
    """

    kind: str
    is_new: bool
    has_grown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseJulia:
    """Send nothing until a person resumes her."""

    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBack:
    """Go back one phase."""

    because: str
    to_pct: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPromotion:
    """Do not grow: the gates refuse while the metric is violated in their window, or a P0 or P1 is open."""

    because: str


Action = PauseJulia | RollBack | HoldPromotion


def react(violations: Sequence[Violation], *, flags: Flags) -> list[Action]:
    """Answer what to do, in the order in which it must be done: stop first, then shrink.

    Pausing a Julia who is paused already is among it: whoever is about to resume her shall not.
    """
    kinds = [item.kind for item in violations if item.is_new or (item.has_grown and flags.julia_enabled)]
    pauses: list[Action] = [PauseJulia(because=kind) for kind in kinds if kind in PAUSES]
    rolls_back: list[Action] = [
        RollBack(because=kind, to_pct=phases.below(flags.canary_pct))
        for kind in kinds
        if kind in ROLLS_BACK and flags.canary_pct > 0
    ]
    return [*pauses[:1], *rolls_back[:1], *(HoldPromotion(because=kind) for kind in kinds)]
