"""Growing and shrinking the canary: nothing else changes its percentage, and growing has no way round the gate.

Each change is one transaction: the switch, the event, and a row of the history with who, why, and the evidence as it
was then. The switch's row is locked first, so that two people who promote at once cannot skip a phase: the second is
judged by where the promotion of the first has put us.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from canary import events, evidence, flags, gates
from canary.event_types import EventType
from canary.flag_values import ALL_PERCENT, FlagKey
from canary.gates import Gate
from canary.models import FeatureFlag, PhaseTransition


class RolloutError(Exception):
    """The percentage was not changed."""


class NoGoError(RolloutError):
    """The gate is NO-GO, or there is nothing to grow to; `gate` says what is missing and until when."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        super().__init__(f"NO-GO at {gate.pct} %: {', '.join(row.code for row in gate.unmet) or 'nothing above'}.")


class NotLowerError(RolloutError, ValueError):
    """A rollback goes down, to a percentage from 0 to 100."""


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
    return shrink(to_pct=to_pct, actor=actor, reason=reason, now=now)


def shrink(*, to_pct: int, actor: str, reason: str, now: datetime) -> PhaseTransition:
    """Do what `rollback` does inside the caller's transaction, for what shrinks as part of something else.

    Raises:
        OutsideTransactionError: when no transaction is open; and what `rollback` raises.
    """
    events.require_transaction("rollout.shrink")
    _lock()
    stands = evidence.position()
    if not 0 <= to_pct < stands.pct <= ALL_PERCENT:
        raise NotLowerError(f"A rollback from {stands.pct} % goes to 0 to {stands.pct - 1} %, not to {to_pct} %.")
    return _move(stands.pct, to_pct, actor=actor, reason=reason, now=now, facts=_at_rollback(stands, now))


def _lock() -> None:
    """Lock the percentage; waits for whoever is changing it, and for the claims that go by it."""
    FeatureFlag.objects.select_for_update().get(key=FlagKey.OUTBOUND_CANARY)


def _at_rollback(stands: evidence.Position, now: datetime) -> dict[str, Any]:
    """What is known without delay: a rollback waits for no evaluation."""
    incidents = evidence.grave_incidents(since=now)
    entered_at = stands.entered_at and stands.entered_at.isoformat()
    return {
        "before": {"pct": stands.pct, "entered_at": entered_at},
        "incidents": [{"id": one.id, "severity": one.severity, "kind": one.kind} for one in incidents],
    }


def _move(
    from_pct: int, to_pct: int, *, actor: str, reason: str, now: datetime, facts: dict[str, Any]
) -> PhaseTransition:
    flags.switch(key=FlagKey.OUTBOUND_CANARY, fields={"pct": to_pct}, actor=actor, reason=reason, now=now)
    props = {"from": from_pct, "to": to_pct, "actor_id": actor, "reason": reason}
    events.emit([events.Event(type=EventType.PHASE_CHANGED, at=now, source="canary", props=props)])
    return PhaseTransition.objects.create(
        from_pct=from_pct, to_pct=to_pct, at=now, actor=actor, reason=reason, evidence=facts
    )
