"""What becomes of the bridges of a person who is erased: nobody is left to write to, so somebody of ours takes over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from handoff import bridge
from handoff.models import ExternalHandoff, Question
from outbound.erasure import ERASED


def let_go(contact_id: UUID, now: datetime) -> None:
    """Leave his active bridges to a person, and forget what he was asked, inside the transaction that erases him."""
    Question.objects.filter(pk=contact_id).delete()
    his = ExternalHandoff.objects.active().filter(Q(doctor=contact_id) | Q(divulgador=contact_id))
    for handoff_id in his.order_by("vaga_id", "pk").values_list("pk", flat=True):
        bridge.call_person(handoff_id=handoff_id, reason=ERASED, now=now)
