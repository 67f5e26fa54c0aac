"""What campaigns keep of a person who is erased: that he was written to, by id, and nothing that would write to him."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from outbound.models import CampaignRecipient


def let_go(contact_id: UUID, _now: datetime) -> None:
    """Take him out of the audiences that have not reached him, inside the transaction that erases him."""
    CampaignRecipient.objects.filter(contact_id=contact_id, fed_at=None).delete()
