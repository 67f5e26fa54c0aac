"""Campaigns whose defaults may run at once, so that a test names only what matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from outbound.campaigns import audience, control, drafting, feeding, roster
from outbound.campaigns.audience import Filters
from outbound.campaigns.feeding import Fed
from outbound.models import Campaign, Contact

_numbers = count(1)
WHO: dict[str, Any] = {"actor": "ana", "reason": "plantões de sexta"}


def crowd(count: int) -> list[Contact]:
    """So many doctors who are all called by one name."""
    people = [Contact(phone=f"55119{50000000 + number}", name=f"Dr. Pessoa {number}") for number in range(count)]
    return Contact.objects.bulk_create(people)


def draft(*people: Contact, now: datetime, **changes: Any) -> Campaign:
    """A draft whose audience are all contacts there are, or these."""
    campaign = drafting.create(
        **{
            "name": f"Campanha {next(_numbers)}",
            "text": "Oi {primeiro_nome}, plantão no {hospital}!",
            "variables": {"hospital": "Santa Casa"},
            "starts_at": now - timedelta(minutes=1),
            "ends_at": now + timedelta(minutes=59),
            "now": now,
            **WHO,
            **changes,
        }
    )
    if people:
        lines = "\n".join(f"{person.phone};{person.name}" for person in people)
        audience.import_rows(campaign_id=campaign.pk, people=roster.read(f"telefone;nome\n{lines}"), now=now, **WHO)
    else:
        audience.add_found(campaign_id=campaign.pk, filters=Filters(), now=now, **WHO)
    return campaign


def running(*people: Contact, now: datetime, **changes: Any) -> Campaign:
    """One that was started; nothing is in the outbox yet."""
    campaign = draft(*people, now=now, **changes)
    control.start(campaign_id=campaign.pk, now=now, **WHO)
    return campaign


def feed(campaign: Campaign, *, now: datetime | None = None) -> Fed:
    """Feed all there is to feed."""
    chunks = list(feeding.feed(campaign_id=campaign.pk, clock=lambda: now or datetime.now(UTC)))
    looked_at = sum(chunk.looked_at for chunk in chunks)
    return Fed(looked_at=looked_at, enqueued=sum(chunk.enqueued for chunk in chunks))
