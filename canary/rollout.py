"""Growing and shrinking the canary: nothing else changes its percentage, and growing has no way round the gate.

Each change is one transaction: the switch, the event, and a row of the history with who, why, and the evidence as it
was then. The switch's row is locked first, so that two people who promote at once cannot skip a phase: the second is
judged by where the promotion of the first has put us.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from canary import events, evidence, flags, gates
from canary.event_types import EventType
from canary.flag_values import ALL_PERCENT, FlagKey
from canary.gates import Gate
from canary.models import Drill, FeatureFlag, PhaseTransition


class RolloutError(Exception):
    """The percentage was not changed."""


class NoGoError(RolloutError):
    """The gate is NO-GO, or there is nothing to grow to; `gate` says what is missing and until when."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        super().__init__(f"NO-GO at {gate.pct} %: {', '.join(row.code for row in gate.unmet) or 'nothing above'}.")


class NotLowerError(RolloutError, ValueError):
    """A rollback goes down, to a percentage from 0 to 100."""


class NotRestorableError(RolloutError):
    """Nothing of this drill's is to be restored: it did not roll back, it has ended, or somebody moved on since."""


@transaction.atomic(durable=True)
def promote(*, actor: str, reason: str, now: datetime) -> PhaseTransition:
    """Grow to the next phase, in a transaction of its own, if the gate is GO; sends wait while it is judged.

    Raises:
        NoGoError: carrying the gate; nothing was changed. There is no force.
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    _lock()
    gate = gates.evaluate(evidence.load(now=now))
    if gate.target is None or not gate.is_go:
        raise NoGoError(gate)
    return _move(gate.pct, gate.target.pct, actor=actor, reason=reason, now=now, facts=gates.as_json(gate))


@transaction.atomic(durable=True)
def rollback(*, to_pct: int, actor: str, reason: str, now: datetime) -> PhaseTransition:
    """Shrink to any lower percentage, in a transaction of its own: always allowed, and obeyed by the next claim.

    Raises:
        NotLowerError: when it is not from 0 to where we stand, where we stand not included.
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    return _shrink(to_pct, actor=actor, reason=reason, now=now, facts={})


@transaction.atomic(durable=True)
def rollback_in_drill(*, drill: Drill, to_pct: int, actor: str, reason: str, now: datetime) -> PhaseTransition:
    """Shrink as `rollback` does, for a drill that will `restore` what it found; raises the same."""
    return _shrink(to_pct, actor=actor, reason=reason, now=now, facts={"drill": drill.pk})


@transaction.atomic(durable=True)
def restore(*, drill: Drill, actor: str, reason: str, now: datetime) -> PhaseTransition:
    """Put back the percentage that a drill found, in a transaction of its own; the phase counts on from its entry.

    This is no growth: it goes no higher than where the gate had let us, and only while the drill runs and nobody has
    changed the percentage since. An incident that rolled back meanwhile stays rolled back.

    Raises:
        NotRestorableError: when it is not so.
    """
    _lock()
    last = PhaseTransition.objects.order_by("-id").first()
    is_running = Drill.objects.filter(pk=drill.pk, ended_at=None).exists()
    if last is None or last.evidence.get("drill") != drill.pk or last.to_pct > last.from_pct or not is_running:
        raise NotRestorableError(f"Drill {drill.pk} has nothing to restore.")
    stands = evidence.position()
    if stands.pct != last.to_pct:
        raise NotRestorableError("The percentage was changed by other means since.")
    facts = {"drill": drill.pk, evidence.ENTERED_AT: last.evidence["before"]["entered_at"]}
    return _move(stands.pct, last.from_pct, actor=actor, reason=reason, now=now, facts=facts)


def _lock() -> None:
    """Lock the percentage; waits for whoever is changing it, and for the claims that go by it."""
    FeatureFlag.objects.select_for_update().get(key=FlagKey.OUTBOUND_CANARY)


def _shrink(to_pct: int, *, actor: str, reason: str, now: datetime, facts: Mapping[str, Any]) -> PhaseTransition:
    _lock()
    stands = evidence.position()
    if not 0 <= to_pct < stands.pct <= ALL_PERCENT:
        raise NotLowerError(f"A rollback from {stands.pct} % goes to 0 to {stands.pct - 1} %, not to {to_pct} %.")
    return _move(stands.pct, to_pct, actor=actor, reason=reason, now=now, facts={**facts, **_at_rollback(stands, now)})


def _at_rollback(stands: evidence.Position, now: datetime) -> dict[str, Any]:
    """What is known without delay: a rollback waits for no evaluation."""
    incidents = evidence.grave_incidents(since=now)
    entered_at = stands.entered_at and stands.entered_at.isoformat()
    return {
        "before": {"pct": stands.pct, "entered_at": entered_at},
        "incidents": [{"id": one.id, "severity": one.severity, "kind": one.kind} for one in incidents],
    }


def _move(
    from_pct: int, to_pct: int, *, actor: str, reason: str, now: datetime, facts: Mapping[str, Any]
) -> PhaseTransition:
    flags.switch(key=FlagKey.OUTBOUND_CANARY, fields={"pct": to_pct}, actor=actor, reason=reason, now=now)
    props = {"from": from_pct, "to": to_pct, "actor_id": actor, "reason": reason}
    events.emit([events.Event(type=EventType.PHASE_CHANGED, at=now, source="canary", props=props)])
    return PhaseTransition.objects.create(
        from_pct=from_pct, to_pct=to_pct, at=now, actor=actor, reason=reason, evidence=dict(facts)
    )
