"""Our WhatsApp numbers: registering one, stopping one that the provider refuses, letting it go on with what waits."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from canary import events, incidents, personal_data
from canary.event_types import EventType
from canary.incident_kinds import IncidentKind
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
    instance = Sender.objects.values_list("instance", flat=True).get(pk=sender_id)
    incidents.report(
        kind=IncidentKind.SENDER_STOPPED,
        subject=subject(sender_id=sender_id, instance=instance),
        actor=incidents.SYSTEM,
        details={"sender_id": str(sender_id), "reason": reason},
        now=now,
    )


def subject(*, sender_id: UUID, instance: str) -> str:
    """Name a sender in incidents: by its instance, or by its id where an instance is named after its phone."""
    return str(sender_id) if personal_data.find_kind(instance) else instance


@transaction.atomic(durable=True)
def resume(*, instance: str, actor: str, reason: str, now: datetime) -> bool:
    """Let a stopped sender go on with what waits for it, in a transaction of its own; False when it was not stopped.

    Raises:
        Sender.DoesNotExist: when no sender has this instance.
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    if not actor.strip() or not reason.strip():
        raise ValueError("Somebody resumes it, for a reason: actor and reason must not be empty.")
    sender = Sender.objects.select_for_update().get(instance=instance)
    if not sender.stopped_reason:
        return False
    Sender.objects.filter(pk=sender.pk).update(
        stopped_reason="", circuit_failures=0, circuit_trips=0, circuit_open_until=None, resume_at=None
    )
    props = {
        "sender_id": str(sender.pk),
        "stopped_reason": sender.stopped_reason,
        "actor_id": actor,
        "reason": reason,
    }
    events.emit([events.Event(type=EventType.SENDER_RESUMED, at=now, source="outbound", props=props)])
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
