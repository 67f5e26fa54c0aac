"""The canary as the panel shows it: where we stand, whether the next phase is GO, and what is missing until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from canary import evidence, flags, gate_words, gates, phases
from canary import rollout as operations
from canary.cells import moment
from canary.criteria import Criterion
from canary.gates import Gate
from canary.models import PhaseTransition
from canary.questions import Answer
from canary.rollout import NoGoError, NotLowerError


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One phase on the ladder."""

    code: str
    pct: int
    is_reached: bool
    is_next: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One criterion of the gate, in words."""

    name: str
    is_met: bool
    missing: tuple[str, ...]
    earliest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """GO or NO-GO for the phase `code` at `pct`."""

    code: str
    pct: int
    is_go: bool
    rows: tuple[Row, ...]
    earliest_at: datetime | None

    @property
    def unmet(self) -> list[Row]:
        return [row for row in self.rows if not row.is_met]

    @property
    def met(self) -> list[Row]:
        return [row for row in self.rows if row.is_met]


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """`verdict` is None at the top."""

    pct: int
    steps: tuple[Step, ...]
    verdict: Verdict | None
    last: PhaseTransition | None

    @property
    def phase(self) -> Step | None:
        return next((step for step in reversed(self.steps) if step.is_reached), None)

    @property
    def lower(self) -> list[int]:
        """The percentages one can go back to: the phases below, and nobody."""
        return [0, *(step.pct for step in self.steps if step.pct < self.pct)]


def look(*, now: datetime) -> Canary:
    """Judge the next phase by the live system."""
    pct = flags.read().canary_pct
    return Canary(
        pct=pct,
        steps=_steps(pct),
        verdict=_verdict(gates.evaluate(evidence.load(now=now))),
        last=PhaseTransition.objects.order_by("-id").first(),
    )


def _steps(pct: int) -> tuple[Step, ...]:
    above = phases.next_above(pct)
    return tuple(
        Step(code=phase.code, pct=phase.pct, is_reached=phase.pct <= pct, is_next=phase is above)
        for phase in phases.PHASES
    )


def _verdict(gate: Gate) -> Verdict | None:
    if gate.target is None:
        return None
    return Verdict(
        code=gate.target.code,
        pct=gate.target.pct,
        is_go=gate.is_go,
        rows=tuple(_row(criterion) for criterion in gate.criteria),
        earliest_at=gate.earliest_at,
    )


def _row(criterion: Criterion) -> Row:
    return Row(
        name=gate_words.name_of(criterion.code),
        is_met=criterion.is_met,
        missing=tuple(gate_words.says(lack) for lack in criterion.missing),
        earliest=gate_words.earliest(criterion),
    )


def promote(*, seen: int, actor: str, reason: str, now: datetime) -> Answer:
    """Grow to the next phase, or say why not; `seen` is the percentage that was shown.

    Raises:
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    try:
        moved = operations.promote(actor=actor, reason=reason, now=now)
    except NoGoError:
        stands = flags.read().canary_pct
        return Answer(
            text=_moved_meanwhile(stands) if stands != seen else _("NO-GO: nothing was changed."), is_done=False
        )
    return Answer(text=_("Promoted: {before}% → {after}%.").format(before=moved.from_pct, after=moved.to_pct))


def rollback(*, to_pct: int, seen: int, actor: str, reason: str, now: datetime) -> Answer:
    """Shrink to a percentage, or say that somebody has been there already.

    Raises:
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    try:
        moved = operations.rollback(to_pct=to_pct, actor=actor, reason=reason, now=now)
    except NotLowerError:
        return Answer(text=_moved_meanwhile(flags.read().canary_pct), is_done=False)
    done = Answer(text=_("Reduced: {before}% → {after}%.").format(before=moved.from_pct, after=moved.to_pct))
    return (
        done if moved.from_pct == seen else Answer(text=done.text + " " + _("It stood elsewhere than you were shown."))
    )


def _moved_meanwhile(stands: int) -> str:
    last = PhaseTransition.objects.order_by("-id").first()
    if last is None:
        return _("It stands at {pct}%; nothing was changed.").format(pct=stands)
    return _("{who} was faster: {before}% → {after}% at {when}, because: {reason}").format(
        who=last.actor, before=last.from_pct, after=last.to_pct, when=moment(last.at), reason=last.reason
    )
