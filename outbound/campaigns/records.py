"""What every change of a campaign does: lock its row, and leave an event with who and why."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from canary import events
from canary.event_types import EventType
from outbound.models import Campaign

SYSTEM = "system"


def lock(campaign_id: UUID) -> Campaign:
    """Keep everybody from changing or feeding a campaign until the caller's transaction ends.

    Raises:
        Campaign.DoesNotExist: when there is none.
        OutsideTransactionError: when no transaction is open.
    """
    events.require_transaction("campaigns.lock")
    return Campaign.objects.select_for_update(no_key=True).get(pk=campaign_id)


def require_somebody(actor: str, reason: str) -> None:
    """Refuse a change without a name or a reason.

    Raises:
        ValueError: when one of them is empty.
    """
    if not actor.strip() or not reason.strip():
        raise ValueError("Somebody does it, for a reason: actor and reason must not be empty.")


def record(
    type_: EventType, campaign_id: UUID, *, actor: str, reason: str, now: datetime, **props: int | str | None
) -> None:
    """Leave the event of a change, inside the caller's transaction.

    Raises:
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    told = {"campaign_id": str(campaign_id), "actor_id": actor, "reason": reason, **props}
    events.emit([events.Event(type=type_, at=now, source="outbound", props=told)])
