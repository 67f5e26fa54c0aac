"""Scheduling, starting, pausing, resuming, ending and cancelling a campaign: terminal, admin and clock all call these.

Each is one transaction: the campaign's row is locked, the change made, and its event left with who and why. A pause is
obeyed like a switch: what waits is held under lock, and what is in flight is counted in the answer; should a request of
it fail and come back, the guardrails hold it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from canary.event_types import EventType
from outbound import outbox, wakeup
from outbound.campaigns import readiness, states
from outbound.campaigns.records import lock, record, require_somebody
from outbound.campaigns.states import Move
from outbound.campaigns.texts import LeftOut
from outbound.methods import CampaignState, Status
from outbound.models import Campaign, CampaignRecipient, OutboundMessage

_QUERIES = Path(__file__).parent / "queries"
HOLD, RELEASE = ((_QUERIES / f"{name}.sql").read_text(encoding="utf-8") for name in ("hold", "release"))
UNSETTLED = (Status.QUEUED, Status.SENDING, Status.UNKNOWN)
CANCELLED = "campaign_cancelled"

EVENTS = {
    Move.SCHEDULE: EventType.CAMPAIGN_SCHEDULED,
    Move.START: EventType.CAMPAIGN_STARTED,
    Move.PAUSE: EventType.CAMPAIGN_PAUSED,
    Move.RESUME: EventType.CAMPAIGN_RESUMED,
    Move.FINISH: EventType.CAMPAIGN_FINISHED,
    Move.CANCEL: EventType.CAMPAIGN_CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a change did: so many messages were `moved` (held, released, cancelled), and so many are in flight."""

    state: CampaignState
    moved: int = 0
    in_flight: int = 0


@transaction.atomic(durable=True)
def schedule(*, campaign_id: UUID, actor: str, reason: str, now: datetime) -> Report:
    """Have a draft start at the beginning of its window.

    Raises (as all of these do):
        ImpossibleMoveError: when it does not stand where this can be done.
        NotReadyError: when audience, window or phase are against it.
        ValueError: when the actor or the reason is empty.
        PersonalDataError: when the actor or the reason looks like personal data.
    """
    campaign = _take(campaign_id, Move.SCHEDULE, actor=actor, reason=reason)
    readiness.require(campaign, to_run=False, now=now)
    return _go(campaign, Move.SCHEDULE, actor=actor, reason=reason, now=now)


@transaction.atomic(durable=True)
def start(*, campaign_id: UUID, actor: str, reason: str, now: datetime) -> Report:
    """Let a draft or a scheduled campaign run, inside its window; `feeding` enqueues its messages from then on."""
    campaign = _take(campaign_id, Move.START, actor=actor, reason=reason)
    readiness.require(campaign, to_run=True, now=now)
    Campaign.objects.filter(pk=campaign_id).update(paced_at=now)
    return _go(campaign, Move.START, actor=actor, reason=reason, now=now)


@transaction.atomic(durable=True)
def pause(*, campaign_id: UUID, actor: str, reason: str, now: datetime) -> Report:
    """Hold what waits of a campaign: once this returns, no request begins but those it counts as in flight."""
    campaign = _take(campaign_id, Move.PAUSE, actor=actor, reason=reason)
    held = _execute(HOLD, campaign_id)
    return _go(campaign, Move.PAUSE, actor=actor, reason=reason, now=now, moved=held)


@transaction.atomic(durable=True)
def resume(*, campaign_id: UUID, actor: str, reason: str, now: datetime) -> Report:
    """Let a paused campaign go on with what waits; what the pause kept from its pace is not made up for."""
    campaign = _take(campaign_id, Move.RESUME, actor=actor, reason=reason)
    readiness.require(campaign, to_run=True, now=now)
    Campaign.objects.filter(pk=campaign_id).update(paced_at=now)
    released = release(campaign_id, now=now)
    return _go(campaign, Move.RESUME, actor=actor, reason=reason, now=now, moved=released)


@transaction.atomic(durable=True)
def finish(*, campaign_id: UUID, actor: str, reason: str, now: datetime) -> Report:
    """End a campaign: who was not reached is left out; what waits in the outbox expires with its window."""
    campaign = _take(campaign_id, Move.FINISH, actor=actor, reason=reason)
    left = _leave_out(campaign_id, LeftOut.WINDOW_ENDED)
    return _go(campaign, Move.FINISH, actor=actor, reason=reason, now=now, moved=left)


@transaction.atomic(durable=True)
def cancel(*, campaign_id: UUID, actor: str, reason: str, now: datetime) -> Report:
    """Take everything back that has not left; what is in flight may still arrive, but is not tried again."""
    campaign = _take(campaign_id, Move.CANCEL, actor=actor, reason=reason)
    _leave_out(campaign_id, LeftOut.CANCELLED)
    messages = OutboundMessage.objects.filter(campaign_id=campaign_id, status__in=UNSETTLED)
    ids = list(messages.values_list("pk", flat=True))
    cancelled = outbox.cancel(ids=ids, reason=CANCELLED, now=now, resolved_by=actor, resolution=reason)
    return _go(campaign, Move.CANCEL, actor=actor, reason=reason, now=now, moved=cancelled)


def release(campaign_id: UUID, *, now: datetime) -> int:
    """Make due what a pause held, inside the caller's transaction; answer how many."""
    released = _execute(RELEASE, campaign_id, now=now)
    if released:
        transaction.on_commit(wakeup.wake)
    return released


def _take(campaign_id: UUID, move: Move, *, actor: str, reason: str) -> Campaign:
    require_somebody(actor, reason)
    campaign = lock(campaign_id)
    states.after(CampaignState(campaign.state), move)
    return campaign


def _go(campaign: Campaign, move: Move, *, actor: str, reason: str, now: datetime, moved: int = 0) -> Report:
    before = CampaignState(campaign.state)
    to = states.after(before, move)
    Campaign.objects.filter(pk=campaign.pk).update(state=to)
    in_flight = OutboundMessage.objects.filter(campaign=campaign, status=Status.SENDING).count()
    props: dict[str, int | str | None] = {"from": before, "to": to, "moved": moved, "in_flight": in_flight}
    record(EVENTS[move], campaign.pk, actor=actor, reason=reason, now=now, **props)
    return Report(state=to, moved=moved, in_flight=in_flight)


def _leave_out(campaign_id: UUID, why: LeftOut) -> int:
    return CampaignRecipient.objects.filter(campaign_id=campaign_id, fed_at=None, left_out="").update(left_out=why)


def _execute(query: str, campaign_id: UUID, **parameters: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, {"campaign": campaign_id, **parameters})
        changed: int = cursor.rowcount
    return changed
