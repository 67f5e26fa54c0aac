"""A campaign's audience: people of a CSV, or those whom filters find; never anybody who has opted out.

Of a file nothing is kept but who is in the audience. Adding somebody twice adds him once. Only a draft's audience
changes: what was rehearsed and scheduled is what is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from canary import flags
from canary.event_types import EventType
from outbound import contacts
from outbound.campaigns import roster
from outbound.campaigns.records import lock, record, require_somebody
from outbound.campaigns.roster import BadRow, Roster, Row, RowProblem
from outbound.contacts import Person
from outbound.methods import PROACTIVE, CampaignState, ContactKind
from outbound.models import Campaign, Contact, OutboundMessage

CHUNK = 1000
BRAZIL = "55"
ADD = (Path(__file__).parent / "queries" / "add_recipients.sql").read_text(encoding="utf-8")


class NotDraftError(Exception):
    """The audience of a campaign that is no draft any more stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which of our contacts: of a kind, of area codes (DDD), not written to for days, in the canary; `most` of them."""

    kind: ContactKind | None = None
    area_codes: tuple[str, ...] = ()
    quiet_days: int | None = None
    only_canary: bool = False
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """How many came into the audience, and the lines that added nobody, in their order."""

    added: int
    bad: tuple[BadRow, ...] = ()


def import_rows(
    *,
    campaign_id: UUID,
    people: Roster,
    actor: str,
    reason: str,
    now: datetime,
    on_progress: Callable[[int], object] = lambda _count: None,
) -> Added:
    """Add the people of a file to a draft's audience, in one transaction; who is not known yet becomes a contact.

    Raises:
        NotDraftError: when the campaign is no draft.
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    require_somebody(actor, reason)
    added, bad = 0, list(people.bad)
    with transaction.atomic(durable=True):
        _require_draft(campaign_id)
        for at in range(0, len(people.rows), CHUNK):
            rows = people.rows[at : at + CHUNK]
            wrong = _add_rows(campaign_id, rows)
            added, bad = added + len(rows) - len(wrong), bad + wrong
            on_progress(len(rows))
        _record(campaign_id, added, len(bad), how="file", actor=actor, reason=reason, now=now)
    return Added(added=added, bad=tuple(sorted(bad, key=lambda row: row.line)))


def add_found(*, campaign_id: UUID, filters: Filters, actor: str, reason: str, now: datetime) -> Added:
    """Add the contacts whom filters find to a draft's audience, in one transaction.

    Raises:
        NotDraftError, ValueError, PersonalDataError: as `import_rows` does.
    """
    require_somebody(actor, reason)
    with transaction.atomic(durable=True):
        _require_draft(campaign_id)
        added = len(_add(campaign_id, list(find(filters, now=now).values_list("pk", flat=True))))
        _record(campaign_id, added, 0, how="filters", actor=actor, reason=reason, now=now)
    return Added(added=added)


def find(filters: Filters, *, now: datetime) -> QuerySet[Contact]:
    """Find who may be written to and fits all filters, those known longest first."""
    found = Contact.objects.filter(opted_out_at=None, erased_at=None).order_by("created_at", "pk")
    if filters.kind:
        found = found.filter(kind=filters.kind)
    if filters.area_codes:
        areas = [Q(phone__startswith=f"{BRAZIL}{code}") for code in filters.area_codes]
        found = found.filter(reduce(or_, areas))
    if filters.quiet_days is not None:
        since = now - timedelta(days=filters.quiet_days)
        written = OutboundMessage.objects.filter(contact=OuterRef("pk"), attempted_at__gt=since, method__in=PROACTIVE)
        found = found.filter(~Exists(written))
    if filters.only_canary:
        found = found.filter(bucket__lt=flags.read().canary_pct)
    return found[: filters.most] if filters.most is not None else found


def _require_draft(campaign_id: UUID) -> Campaign:
    campaign = lock(campaign_id)
    if campaign.state != CampaignState.DRAFT:
        raise NotDraftError(f"The campaign is {campaign.state}: its audience stays as it is.")
    return campaign


def _add_rows(campaign_id: UUID, rows: Sequence[Row]) -> list[BadRow]:
    ids = contacts.find_or_create([Person(phone=row.phone, name=row.name, kind=row.kind) for row in rows])
    added = _add(campaign_id, list(ids.values()))
    missing = {id_: phone for phone, id_ in ids.items() if id_ not in added}
    out = Contact.objects.filter(pk__in=missing, opted_out_at__isnull=False).values_list("pk", flat=True)
    problems = dict.fromkeys(missing.values(), RowProblem.IN_AUDIENCE)
    problems |= dict.fromkeys((missing[id_] for id_ in out), RowProblem.OPTED_OUT)
    return roster.without(rows, problems)


def _add(campaign_id: UUID, ids: list[UUID]) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(ADD, {"campaign": campaign_id, "contacts": ids})
        return {row[0] for row in cursor.fetchall()}


def _record(campaign_id: UUID, added: int, refused: int, *, how: str, actor: str, reason: str, now: datetime) -> None:
    type_ = EventType.CAMPAIGN_AUDIENCE_CHANGED
    record(type_, campaign_id, actor=actor, reason=reason, now=now, added=added, refused=refused, how=how)
