"""What the rollout's phase says about a campaign: "Volume de campanhas: pequeno, janelas curtas (1-2h)" in phase A."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from canary.phases import Limits


class Hindrance(StrEnum):
    """Why a campaign may not be scheduled or run."""

    EMPTY_AUDIENCE = "empty_audience"
    TOO_MANY_RECIPIENTS = "too_many_recipients"
    WINDOW_TOO_LONG = "window_too_long"
    WINDOW_OVER = "window_over"
    WINDOW_NOT_OPEN = "window_not_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One hindrance with its numbers: recipients, or minutes of a window."""

    hindrance: Hindrance
    has: int = 0
    most: int = 0


def check(*, recipients: int, starts_at: datetime, ends_at: datetime, limits: Limits) -> list[Finding]:
    """Hold a campaign against its phase; an empty audience is one in any."""
    found = []
    if not recipients:
        found.append(Finding(hindrance=Hindrance.EMPTY_AUDIENCE))
    if limits.most_recipients is not None and recipients > limits.most_recipients:
        found.append(Finding(hindrance=Hindrance.TOO_MANY_RECIPIENTS, has=recipients, most=limits.most_recipients))
    if limits.longest_window is not None and ends_at - starts_at > limits.longest_window:
        has, most = _minutes(ends_at - starts_at), _minutes(limits.longest_window)
        found.append(Finding(hindrance=Hindrance.WINDOW_TOO_LONG, has=has, most=most))
    return found


def _minutes(length: timedelta) -> int:
    # What exceeds a limit by a second is not shown as the limit itself.
    return -(-length // timedelta(minutes=1))
