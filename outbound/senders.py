"""Our WhatsApp numbers: registering one, stopping one that the provider refuses, letting it go on with what waits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from canary import events
from canary.event_types import EventType
from outbound.guardrails.decision import Reason
from outbound.methods import Status
from outbound.models import OutboundMessage, Sender


def register(*, instance: str) -> Sender:
    """Make a sender known by its instance's name at the provider; a known one stays as it is."""
    return Sender.objects.get_or_create(instance=instance)[0]


def stop(*, sender_id: UUID, reason: str, now: datetime) -> None:
    """Send nothing more through a sender until somebody resumes it, inside the caller's transaction.

    It is an incident (P1): nothing this sender holds goes out, and only a person can mend what stopped it.
    """
    events.require_transaction("senders.stop")
    if not Sender.objects.filter(pk=sender_id, stopped_reason="").update(stopped_reason=reason):
        return
    props = {"kind": "sender_stopped", "severity": "P1", "sender_id": str(sender_id), "reason": reason}
    events.emit([events.Event(type=EventType.INCIDENT_OPENED, at=now, source="outbound", props=props)])


@transaction.atomic(durable=True)
def resume(*, instance: str) -> bool:
    """Let a stopped sender go on with what waits for it; False when it was not stopped.

    Raises:
        Sender.DoesNotExist: when no sender has this instance.
    """
    sender = Sender.objects.select_for_update().get(instance=instance)
    if not sender.stopped_reason:
        return False
    Sender.objects.filter(pk=sender.pk).update(
        stopped_reason="", circuit_failures=0, circuit_trips=0, circuit_open_until=None, resume_at=None
    )
    return True


def give_places_back(*, sender_id: UUID, now: datetime) -> None:
    """Let a sender's waiting messages try again, inside the caller's transaction, when one surely did not leave.

    That one weighs on no window any more, so whoever waits for a place may have one now.
    """
    Sender.objects.filter(pk=sender_id).exclude(circuit_open_until__gt=now).update(resume_at=None)
    let_go(sender_id=sender_id, reason=Reason.RATE_LIMITED, now=now)


def let_go(*, sender_id: UUID, reason: Reason, now: datetime) -> None:
    """Make due what waits for a sender for a reason that may no longer hold; the next claim decides anew."""
    waiting = OutboundMessage.objects.filter(sender_id=sender_id, status=Status.QUEUED, reason=reason)
    waiting.filter(due_at__gt=now).update(due_at=now)
