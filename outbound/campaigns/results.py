"""What became of a campaign: people by outcome and reason, messages by hour, and who answered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncHour

from outbound.methods import CampaignState, Status
from outbound.models import Campaign, CampaignRecipient, OutboundMessage

# An answer within three days of a message is an answer to it: our decision, the issue names no number.
PATIENCE = timedelta(days=3)
_QUERIES = Path(__file__).parent / "queries"
REPLIES, OPT_OUTS = ((_QUERIES / f"{name}.sql").read_text(encoding="utf-8") for name in ("replies", "opt_outs"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a campaign is: `to_feed` people have no message yet, `left_out` never get one, the rest by status."""

    state: CampaignState
    audience: int
    to_feed: int
    left_out: dict[str, int]
    statuses: dict[str, int]
    reasons: dict[tuple[str, str], int]

    @property
    def settled(self) -> int:
        """How many are through, whatever came of them."""
        unsettled = sum(self.statuses.get(status, 0) for status in (Status.QUEUED, Status.SENDING, Status.UNKNOWN))
        return self.audience - self.to_feed - unsettled


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """Progress, and what it led to: by the hour what left and who answered, and who opted out."""

    progress: Progress
    sent_by_hour: dict[datetime, int]
    replies_by_hour: dict[datetime, int]
    opted_out: int

    @property
    def replies(self) -> int:
        return sum(self.replies_by_hour.values())


def progress(campaign_id: UUID) -> Progress:
    """Look how far a campaign is.

    Raises:
        Campaign.DoesNotExist: when there is none.
    """
    state = Campaign.objects.values_list("state", flat=True).get(pk=campaign_id)
    recipients = CampaignRecipient.objects.filter(campaign_id=campaign_id)
    audience = recipients.aggregate(count=Count("id"), fed=Count("fed_at"))
    left_out = dict(recipients.exclude(left_out="").values_list("left_out").annotate(Count("id")))
    counts: list[tuple[str, str | None, int]] = list(
        OutboundMessage.objects.filter(campaign_id=campaign_id).values_list("status", "reason").annotate(Count("id"))
    )
    statuses: Counter[str] = Counter()
    for status, _reason, count in counts:
        statuses[status] += count
    return Progress(
        state=CampaignState(state),
        audience=audience["count"],
        to_feed=audience["count"] - audience["fed"] - sum(left_out.values()),
        left_out=left_out,
        statuses=dict(statuses),
        reasons={(status, reason): count for status, reason, count in counts if reason},
    )


def results(campaign_id: UUID) -> Results:
    """Look what came of a campaign so far.

    Raises:
        Campaign.DoesNotExist: when there is none.
    """
    sent = OutboundMessage.objects.filter(campaign_id=campaign_id, status=Status.SENT)
    by_hour = sent.annotate(hour=TruncHour("sent_at")).values_list("hour").annotate(Count("id")).order_by("hour")
    return Results(
        progress=progress(campaign_id),
        sent_by_hour=dict(by_hour),
        replies_by_hour=dict(_query(REPLIES, campaign_id)),
        opted_out=_query(OPT_OUTS, campaign_id)[0][0],
    )


def _query(query: str, campaign_id: UUID) -> list[Any]:
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {"campaign": campaign_id, "patience": PATIENCE}
        cursor.execute(query, parameters)
        return list(cursor.fetchall())
