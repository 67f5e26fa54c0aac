"""Feeding the outbox with a running campaign's messages, chunk by chunk and no faster than its pace.

A chunk is one transaction: the messages, and who has been written to. Whoever is killed in the middle leaves whole
chunks behind, and the next goes on after them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from outbound import outbox, rows
from outbound.campaigns import pace
from outbound.campaigns.records import lock
from outbound.campaigns.texts import LeftOut, Template
from outbound.methods import CampaignState, Channel, Method
from outbound.models import Campaign
from outbound.outbox import NewMessage, Queued

# A pause waits for the chunk that is being fed, so that one takes a fraction of a second.
CHUNK = 500
_QUERIES = Path(__file__).parent / "queries"
TO_FEED, MARK_FED = ((_QUERIES / f"{name}.sql").read_text(encoding="utf-8") for name in ("to_feed", "mark_fed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fed:
    """What a chunk did: so many people looked at, and so many messages enqueued."""

    looked_at: int
    enqueued: int


NOBODY = Fed(looked_at=0, enqueued=0)


def feed(*, campaign_id: UUID, clock: Callable[[], datetime]) -> Iterator[Fed]:
    """Feed chunk after chunk, each committed when it is yielded, until nobody is left or the pace says wait."""
    while (fed := feed_chunk(campaign_id=campaign_id, now=clock())) != NOBODY:
        yield fed


@transaction.atomic(durable=True)
def feed_chunk(*, campaign_id: UUID, now: datetime, most: int = CHUNK) -> Fed:
    """Enqueue the next messages, in a transaction of its own, if the campaign runs, and its window and pace allow."""
    campaign = lock(campaign_id)
    if campaign.state != CampaignState.RUNNING or not campaign.starts_at <= now < campaign.ends_at:
        return NOBODY
    most, paced_at = _allowed(campaign, most, now=now)
    people = to_feed(campaign, most=most)
    if not people:
        return NOBODY
    fates = _enqueue(campaign, people, now=now)
    parameters: dict[str, Any] = {"ids": list(fates), "left_out": list(fates.values()), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(MARK_FED, parameters)
    enqueued = sum(not fate for fate in fates.values())
    if campaign.per_minute:
        used = pace.after(per_minute=campaign.per_minute, paced_at=paced_at, fed=enqueued)
        Campaign.objects.filter(pk=campaign_id).update(paced_at=used)
    return Fed(looked_at=len(people), enqueued=enqueued)


def to_feed(campaign: Campaign, *, most: int, after: int = 0) -> list[dict[str, Any]]:
    """Whom the campaign has still to reach, by recipient id, from the one after `after` on."""
    parameters: dict[str, Any] = {
        "campaign": campaign.pk,
        "content_key": campaign.content_key,
        "most": most,
        "after": after,
    }
    with connection.cursor() as cursor:
        cursor.execute(TO_FEED, parameters)
        return rows.as_dicts(cursor)


def text_to(template: Template, person: Mapping[str, Any]) -> str | LeftOut:
    """What one person would read, or why there is nothing for him."""
    return LeftOut.ALREADY_RECEIVED if person["already_received"] else template.render(name=person["name"])


def _allowed(campaign: Campaign, most: int, *, now: datetime) -> tuple[int, datetime]:
    if not campaign.per_minute:
        return most, now
    portion = pace.portion(per_minute=campaign.per_minute, paced_at=campaign.paced_at or now, now=now)
    return min(most, portion.count), portion.paced_at


def _enqueue(campaign: Campaign, people: Sequence[Mapping[str, Any]], *, now: datetime) -> dict[int, str]:
    """Enqueue what can be; `{recipient id: why left out, or nothing}`."""
    template = Template.parse(campaign.text, campaign.variables)
    texts = {person["id"]: text_to(template, person) for person in people}
    wanted = [person for person in people if not isinstance(texts[person["id"]], LeftOut)]
    messages = [_message(campaign, person["cliente_id"], texts[person["id"]]) for person in wanted]
    answers = outbox.enqueue_many(messages, now=now) if messages else []
    fates: dict[int, str] = {id_: text if isinstance(text, LeftOut) else "" for id_, text in texts.items()}
    for person, answer in zip(wanted, answers, strict=True):
        if not isinstance(answer, Queued):
            fates[person["id"]] = LeftOut.DUPLICATE
    return fates


def _message(campaign: Campaign, contact_id: UUID, text: str) -> NewMessage:
    return NewMessage(
        cliente_id=contact_id,
        method=Method.CAMPAIGN,
        channel=Channel.JOB,
        text=text,
        # The same for every campaign of this content: two of them at once are one to the outbox's own deduplication.
        template_ref=f"campaign:{campaign.content_key}",
        actor_id=f"campaign:{campaign.pk}",
        campaign_id=campaign.pk,
        expires_at=campaign.ends_at,
    )
