"""What is kept for so many days and no longer: packages above register what grows old with them in `ready()`.

Nothing is removed unless asked for with `apply`, and each removal leaves an event that says how much it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from canary import events, partitions
from canary.event_types import EventType
from canary.models import BusinessEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """Something that is kept for the days of a setting.

    `count` and `expire` take the instant before which it is too old; both answer how many rows that is. `expire` opens
    its own transactions: what is much goes in pieces.
    """

    name: str
    setting: str
    count: Callable[[datetime], int]
    expire: Callable[[datetime], int]

    @property
    def days(self) -> int:
        days: int = getattr(settings, self.setting)
        return days

    def before(self, now: datetime) -> datetime:
        return now - timedelta(days=self.days)


_expiring: dict[str, Expiring] = {}


def register(expiring: Expiring) -> None:
    """Have something expire; the last one registered under a name counts."""
    _expiring[expiring.name] = expiring


def due(*, now: datetime) -> dict[str, int]:
    """Count what is too old, as `{name: rows}`; nothing is changed."""
    return {item.name: item.count(item.before(now)) for item in _expiring.values()}


def registered() -> list[Expiring]:
    """All that expires, in the order of its registration."""
    return list(_expiring.values())


def apply(*, actor: str, reason: str, now: datetime) -> dict[str, int]:
    """Remove what is too old, as the owner of the database, and answer `{name: rows}`."""
    partitions.ensure_ahead(today=now.date())
    return {item.name: _apply(item, actor=actor, reason=reason, now=now) for item in _expiring.values()}


def _apply(item: Expiring, *, actor: str, reason: str, now: datetime) -> int:
    expired = item.expire(item.before(now))
    if expired:
        props = {"what": item.name, "days": item.days, "rows": expired, "actor_id": actor, "reason": reason}
        event = events.Event(type=EventType.RETENTION_APPLIED, at=now, source="canary", props=props)
        with transaction.atomic():
            events.emit([event])
    return expired


def _count_events(before: datetime) -> int:
    """Count the events of the months that had ended by then; only whole months go."""
    return BusinessEvent.objects.filter(ts__lt=partitions.start_of_month(before)).count()


def _drop_events(before: datetime) -> int:
    partitions.sort_strays()
    count = _count_events(before)
    partitions.drop(partitions.expired(before=before))
    return count


register(
    Expiring(name="business_events", setting="EVENT_RETENTION_DAYS", count=_count_events, expire=_drop_events),
)
