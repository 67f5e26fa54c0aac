"""What evidence makes of a message of which nobody knows whether it left: found, proved absent, or still unknown.

One empty answer is no proof, since the provider stores late: proof of absence is two of them at least 10 s apart, from
a connected instance (DESIGN.md, Provider client), the first once the request is surely over at the provider, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

# Between two empty answers that prove something.
ABSENCE = timedelta(seconds=10)
# A request takes at most 35 s at our end; the provider is given a little longer before its list counts.
OVER_AFTER = timedelta(seconds=40)
# After so long without evidence a person decides.
PATIENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """It left, and the provider knows it by this id."""

    provider_message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """It surely did not leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unproved:
    """Nobody knows yet; `absent_since` is the first empty answer that counts, `needs_person` that it took too long."""

    absent_since: datetime | None
    needs_person: bool


def weigh(
    *,
    provider_message_id: str | None,
    answered: bool,
    attempted_at: datetime,
    absent_since: datetime | None,
    now: datetime,
) -> Found | Absent | Unproved:
    """Weigh what was found out at `now` about a message whose request began at `attempted_at` at the latest.

    `answered` says that a connected provider showed its list; without that an empty hand means nothing.
    """
    if provider_message_id is not None:
        return Found(provider_message_id=provider_message_id)
    needs_person = now - attempted_at >= PATIENCE
    if not answered or now - attempted_at < OVER_AFTER:
        return Unproved(absent_since=absent_since, needs_person=needs_person)
    if absent_since is not None and now - absent_since >= ABSENCE:
        return Absent()
    return Unproved(absent_since=absent_since or now, needs_person=needs_person)
