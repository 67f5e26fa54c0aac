"""What every change of a bridge is made of: its locks, its new status with its vaga's, its event and its notice.

Everybody locks the vaga first and then the bridge, so the first decision wins and no two wait for each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from canary import events
from canary.event_types import EventType
from handoff import notices
from handoff.models import ExternalHandoff, Vaga
from handoff.notices import Notice
from handoff.states import VAGA_AFTER, HandoffStatus, may_become


class NoSuchHandoffError(LookupError):
    """There is no bridge with this id."""


class ImpossibleChangeError(ValueError):
    """The bridge does not stand where this change begins: `status` is where it stands."""

    def __init__(self, status: HandoffStatus) -> None:
        super().__init__(f"The bridge is {status}.")
        self.status = status


def require_responsibility(actor: str, reason: str) -> None:
    """Refuse what nobody does, or for no reason.

    Raises:
        ValueError: when the actor or the reason is empty.
    """
    if not actor.strip() or not reason.strip():
        raise ValueError("Somebody does this, for a reason: actor and reason must not be empty.")


def lock(handoff_id: UUID) -> ExternalHandoff:
    """Lock a bridge's vaga, then the bridge: in this order everywhere, as `accept` does."""
    events.require_transaction("handoff.bridge")
    bridge = ExternalHandoff.objects.filter(pk=handoff_id)
    # Which vaga it is about never changes.
    Vaga.objects.select_for_update().filter(pk__in=bridge.values("vaga_id")).first()
    locked = bridge.select_for_update(of=["self"]).select_related("vaga", "doctor", "divulgador").first()
    if locked is None:
        raise NoSuchHandoffError("There is no bridge with this id.")
    return locked


def move(handoff: ExternalHandoff, status: HandoffStatus, **columns: Any) -> None:
    """Write a locked bridge's new status, and its vaga's."""
    if not may_become(HandoffStatus(handoff.status), status):
        raise ImpossibleChangeError(HandoffStatus(handoff.status))
    ExternalHandoff.objects.filter(pk=handoff.pk).update(status=status, **columns)
    handoff.status = status
    if status in VAGA_AFTER:
        Vaga.objects.filter(pk=handoff.vaga_id).update(status=VAGA_AFTER[status])


def record(
    handoff: ExternalHandoff, type_: EventType, *, now: datetime, needs_person: bool = False, **props: Any
) -> None:
    """Record what happened to a bridge, and have operators told."""
    about: Mapping[str, Any] = {"handoff_id": str(handoff.pk), "vaga_id": str(handoff.vaga_id), **props}
    events.emit([events.Event(type=type_, at=now, source="handoff", cliente_id=handoff.doctor_id, props=about)])
    reason = str(props.get("reason", ""))
    notice = Notice(
        type=type_, handoff_id=handoff.pk, vaga_id=handoff.vaga_id, reason=reason, needs_person=needs_person
    )
    notices.tell(notice)


def leave_to_person(handoff: ExternalHandoff, *, reason: str, now: datetime, **props: Any) -> None:
    """Leave a locked bridge to a person, who is told."""
    move(handoff, HandoffStatus.MANUAL_REQUIRED, note=reason)
    record(handoff, EventType.HANDOFF_MANUAL_REQUIRED, now=now, reason=reason, needs_person=True, **props)
