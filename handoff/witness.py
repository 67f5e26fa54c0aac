"""What became of a bridge's messages, by the outbox's word: that the divulgador was asked, or that he cannot be."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from canary.event_types import EventType
from handoff import bridge
from handoff.acceptance import OPTED_OUT
from handoff.models import ExternalHandoff, HandoffMessage
from handoff.states import HandoffStatus
from handoff.steps import FOLLOWUP_STEPS, Step
from handoff.transitions import lock, record
from outbound.methods import Status

WATCHED = FOLLOWUP_STEPS | {Step.REQUEST}
NOT_SENT = frozenset({Status.BLOCKED, Status.FAILED})


def look(*, now: datetime) -> int:
    """Record what left, and call a person where nobody can be asked; answer how many changes there were."""
    left = HandoffMessage.objects.filter(step__in=WATCHED, left_at=None, message__status=Status.SENT)
    recorded = sum(_record_left(pk, now=now) for pk in left.order_by("pk").values_list("pk", flat=True))
    return recorded + sum(_call_person(pk, reason, now=now) for pk, reason in _stuck())


def _stuck() -> list[tuple[UUID, str]]:
    """Find the active bridges whose divulgador cannot be asked, and why."""
    active = ExternalHandoff.objects.active()
    opted_out = active.filter(divulgador__opted_out_at__isnull=False).values_list("pk", flat=True)
    not_asked = active.filter(
        status=HandoffStatus.PENDING, messages__step=Step.REQUEST, messages__message__status__in=NOT_SENT
    ).values_list("pk", "messages__message__reason", "messages__message__status")
    reasons = {pk: reason or status for pk, reason, status in not_asked}
    return list((reasons | dict.fromkeys(opted_out, OPTED_OUT)).items())


@transaction.atomic(durable=True)
def _record_left(message_id: int, *, now: datetime) -> bool:
    """Record under the bridge's lock that one of its messages left; False when somebody did already."""
    handoff_id = HandoffMessage.objects.values_list("handoff_id", flat=True).get(pk=message_id)
    handoff = lock(handoff_id)
    seen = HandoffMessage.objects.select_related("message").get(pk=message_id)
    at = seen.message.sent_at
    if seen.left_at or at is None:
        return False
    HandoffMessage.objects.filter(pk=message_id).update(left_at=at)
    if seen.step == Step.REQUEST:
        return bridge.mark_contacted(handoff_id=handoff_id, at=at, now=now)
    record(handoff, EventType.HANDOFF_FOLLOWUP_SENT, now=now, step=seen.step)
    return True


@transaction.atomic(durable=True)
def _call_person(handoff_id: UUID, reason: str, *, now: datetime) -> bool:
    return bridge.call_person(handoff_id=handoff_id, reason=reason, now=now)
