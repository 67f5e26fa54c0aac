from __future__ import annotations

from datetime import datetime

from django.db import transaction

from canary import events, flags
from canary.event_types import EventType
from canary.flag_values import FlagKey
from canary.models import PhaseTransition


@transaction.atomic
def rollback(*, to_pct: int, actor: str, reason: str, now: datetime) -> None:
    from_pct = flags.read_for_change().canary_pct
    if not 0 <= to_pct < from_pct:
        raise ValueError("Rolling back only lowers the percentage.")
    flags.switch(key=FlagKey.OUTBOUND_CANARY, fields={"pct": to_pct}, actor=actor, reason=reason, now=now)
    PhaseTransition.objects.create(from_pct=from_pct, to_pct=to_pct, at=now, actor=actor, reason=reason)
    props = {"from_pct": from_pct, "to_pct": to_pct, "actor_id": actor, "reason": reason}
    events.emit([events.Event(type=EventType.PHASE_CHANGED, at=now, source="canary", props=props)])
