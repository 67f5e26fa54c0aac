"""The rollout's four phases as data: the go/no-go document's tables, and nothing that decides.

The percentage may stand between two phases after a rollback. It then goes on to the lowest phase above it, by that
phase's own window and prerequisites: whoever was rolled back from 25 % to 5 % climbs through A again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

CAMPAIGN_SWITCH_DRILL = "kill_switch_campaigns"
# "Kill switches funcionando (teste manual OK)": Definição de "Estável".
SWITCH_DRILLS = ("kill_switch_julia", CAMPAIGN_SWITCH_DRILL)
# The document's playbook, Fase D, D2, in its order.
PLAYBOOK = (*SWITCH_DRILLS, "rollback_canary", "bypass")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How campaigns may be run in a phase; None is no limit."""

    most_recipients: int | None = None
    longest_window: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A percentage (0 to 100), and what it takes to get there.

    `stable_for` is how long everything must have been stable where we stand before. `prerequisites` are names of
    `canary.prerequisites`, and come on top of those of the phases below; `drills` must have passed where we stand.
    `needs_traffic` asks for enough messages and a proven error rate, too.
    """

    code: str
    pct: int
    stable_for: timedelta
    prerequisites: tuple[str, ...]
    drills: tuple[str, ...] = ()
    needs_traffic: bool = True
    limits: Limits = Limits()


# A's window and traffic: the document has none, for A is where a new installation stands. Back into A after a rollback
# below it takes the shortest window there is, but no traffic: at 0 % hardly anything goes out that could be counted.
# A's limits: "Volume de campanhas: Pequeno, janelas curtas (1-2h)". How small is our decision: 100 is what one number
# may send in a day (Rate limiter), so that a campaign never takes more than one number's day.
A = Phase(
    code="A",
    pct=10,
    stable_for=timedelta(hours=24),
    prerequisites=(
        "guardrail_single_point",
        "events_append_only",
        "events_without_personal_data",
        "kill_switches_exist",
        "circuit_breaker",
        "rate_limiter",
        "core_metrics",
        "no_anonymous_grants",
    ),
    needs_traffic=False,
    limits=Limits(most_recipients=100, longest_window=timedelta(hours=2)),
)
B = Phase(
    code="B",
    pct=25,
    stable_for=timedelta(hours=24),
    prerequisites=("campaign_switch_drilled", "retry_in_force"),  # gaps B1 and B2
)
C = Phase(
    code="C",
    pct=50,
    stable_for=timedelta(hours=48),
    prerequisites=("dedupe_constraint", "no_duplicates"),  # gap C1, and "Zero duplicatas detectadas"
)
D = Phase(code="D", pct=100, stable_for=timedelta(days=7), prerequisites=(), drills=PLAYBOOK)

PHASES = (A, B, C, D)


def next_above(pct: int) -> Phase | None:
    """Name the phase that comes next at a percentage: the lowest above it, or None at the top."""
    return next((phase for phase in PHASES if phase.pct > pct), None)


def at(pct: int) -> Phase | None:
    """Name the phase a percentage stands in: the highest it reaches, or None below A."""
    return next((phase for phase in reversed(PHASES) if phase.pct <= pct), None)


def below(pct: int) -> int:
    """Say where rolling back one phase leads from a percentage; below A there is only 0."""
    return max((phase.pct for phase in PHASES if phase.pct < pct), default=0)


def prerequisites_of(phase: Phase) -> tuple[str, ...]:
    """Name the prerequisites of a phase and of all below it: "Requer: gaps B + …" (Resumo Executivo)."""
    return tuple(name for lower in PHASES if lower.pct <= phase.pct for name in lower.prerequisites)


def limits_at(pct: int) -> Limits:
    """Say how campaigns may be run at a percentage; below A as in A."""
    return (at(pct) or A).limits
