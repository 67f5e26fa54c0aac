"""Drafting a campaign: what is wrong with its text or window is said before it exists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction

from canary.event_types import EventType
from outbound.campaigns.records import record, require_somebody
from outbound.campaigns.texts import Template, content_key
from outbound.models import Campaign


class DraftError(ValueError):
    """A campaign cannot be drafted so; `code` says why: end_before_start, bad_pace, no_name or name_taken."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check(
    *,
    name: str,
    text: str,
    variables: Mapping[str, str],
    starts_at: datetime,
    ends_at: datetime,
    per_minute: int | None,
) -> None:
    """Check what can be checked without the database.

    Raises:
        TextError: when the text cannot be sent.
        DraftError: when the window, the pace or the name is none.
    """
    Template.parse(text, variables)
    if not name.strip():
        raise DraftError("no_name")
    if ends_at <= starts_at:
        raise DraftError("end_before_start")
    if per_minute is not None and per_minute < 1:
        raise DraftError("bad_pace")


def create(
    *,
    name: str,
    text: str,
    variables: Mapping[str, str],
    starts_at: datetime,
    ends_at: datetime,
    per_minute: int | None = None,
    actor: str,
    reason: str,
    now: datetime,
) -> Campaign:
    """Draft a campaign, in a transaction of its own; its owner is the actor.

    Raises:
        TextError, DraftError: as `check` does, or when the name is taken.
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    require_somebody(actor, reason)
    check(name=name, text=text, variables=variables, starts_at=starts_at, ends_at=ends_at, per_minute=per_minute)
    try:
        with transaction.atomic(durable=True):
            campaign = Campaign.objects.create(
                name=name.strip(),
                text=text,
                variables=dict(variables),
                content_key=content_key(text, variables),
                owner=actor,
                starts_at=starts_at,
                ends_at=ends_at,
                per_minute=per_minute,
                created_at=now,
            )
            record(EventType.CAMPAIGN_CREATED, campaign.pk, actor=actor, reason=reason, now=now)
    except IntegrityError as error:
        raise DraftError("name_taken") from error
    return campaign
