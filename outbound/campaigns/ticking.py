"""The periodic look at campaigns: starts them at their time, feeds those that run, ends those whose time is over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from outbound.campaigns import control, feeding, readiness
from outbound.campaigns.readiness import NotReadyError
from outbound.campaigns.records import SYSTEM, lock
from outbound.campaigns.states import ImpossibleMoveError
from outbound.methods import CampaignState, Status
from outbound.models import Campaign, CampaignRecipient, OutboundMessage
from outbound.outbox import InvalidMessageError

logger = logging.getLogger(__name__)

LIVE = (CampaignState.SCHEDULED, CampaignState.RUNNING, CampaignState.PAUSED)
WINDOW_OPENED, WINDOW_ENDED, ALL_SETTLED, PHASE = "window opened", "window ended", "all settled", "phase limits"


def tick(*, clock: Callable[[], datetime]) -> None:
    """Look at every campaign that is not over, oldest first; one that fails keeps none of the others waiting."""
    for campaign in Campaign.objects.filter(state__in=LIVE).order_by("created_at"):
        try:
            _look_at(campaign, clock=clock)
        except ImpossibleMoveError:
            logger.info("Campaign %s: somebody was faster.", campaign.pk)
        except InvalidMessageError as error:
            logger.warning("Campaign %s: not enqueued (%s); the next look tries again.", campaign.pk, error)


def _look_at(campaign: Campaign, *, clock: Callable[[], datetime]) -> None:
    now = clock()
    if now >= campaign.ends_at:
        control.finish(campaign_id=campaign.pk, actor=SYSTEM, reason=WINDOW_ENDED, now=now)
    elif campaign.state == CampaignState.SCHEDULED:
        if now >= campaign.starts_at:
            _begin(campaign.pk, clock=clock)
    elif campaign.state == CampaignState.RUNNING:
        _go_on(campaign, clock=clock)


def _begin(campaign_id: UUID, *, clock: Callable[[], datetime]) -> None:
    try:
        control.start(campaign_id=campaign_id, actor=SYSTEM, reason=WINDOW_OPENED, now=clock())
    except NotReadyError as error:
        # The phase has changed since it was scheduled: a person decides.
        control.pause(campaign_id=campaign_id, actor=SYSTEM, reason=f"{PHASE}: {error}", now=clock())
        return
    _feed(campaign_id, clock=clock)


def _go_on(campaign: Campaign, *, clock: Callable[[], datetime]) -> None:
    against = readiness.against_phase(campaign)
    if against:
        reason = f"{PHASE}: {', '.join(finding.hindrance for finding in against)}"
        control.pause(campaign_id=campaign.pk, actor=SYSTEM, reason=reason, now=clock())
        return
    _let_go_stragglers(campaign.pk, now=clock())
    _feed(campaign.pk, clock=clock)
    if _is_settled(campaign.pk):
        control.finish(campaign_id=campaign.pk, actor=SYSTEM, reason=ALL_SETTLED, now=clock())


def _feed(campaign_id: UUID, *, clock: Callable[[], datetime]) -> None:
    for _fed in feeding.feed(campaign_id=campaign_id, clock=clock):
        pass


@transaction.atomic(durable=True)
def _let_go_stragglers(campaign_id: UUID, *, now: datetime) -> None:
    """Release what a claim, begun while the campaign was paused, put back only after it was resumed."""
    if lock(campaign_id).state == CampaignState.RUNNING:
        control.release(campaign_id, now=now)


def _is_settled(campaign_id: UUID) -> bool:
    waiting = CampaignRecipient.objects.filter(campaign_id=campaign_id, fed_at=None, left_out="")
    open_ = OutboundMessage.objects.filter(campaign_id=campaign_id, status__in=(Status.QUEUED, Status.SENDING))
    return not waiting.exists() and not open_.exists()
