"""What the bridge measures: whether its clock runs, and by day how many bridges were confirmed and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext_lazy as _

from canary.metrics import Metric, Reading, Window, none_allowed, register
from canary.models import Severity
from handoff.models import ExternalHandoff
from outbound.guardrails.business_hours import SAO_PAULO

BY_DAY = (Path(__file__).parent / "queries" / "by_day.sql").read_text(encoding="utf-8")

# A bridge that should have ended longer ago than this says that nobody runs the clock.
LONGEST_OVERDUE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The bridges opened on one day in São Paulo; `median_h` is the median time to confirm, in hours."""

    day: date
    opened: int
    ended: int
    confirmed: int
    median_h: float | None

    @property
    def confirmation_rate(self) -> float | None:
        """Which share of those that ended was confirmed, 0 to 1; None where none has ended."""
        return self.confirmed / self.ended if self.ended else None


def overdue(window: Window) -> Reading:
    """Count bridges that should have ended well before the window's end."""
    return none_allowed(ExternalHandoff.objects.overdue(window.until - LONGEST_OVERDUE).count())


def by_day(*, since: datetime, until: datetime) -> list[Day]:
    """Count the bridges opened in a half-open time by the day on which they were; days without any are left out."""
    with connection.cursor() as cursor:
        cursor.execute(BY_DAY, {"since": since, "until": until, "zone": SAO_PAULO.key})
        return [
            Day(day=day, opened=opened, ended=ended, confirmed=confirmed, median_h=median_h)
            for day, opened, ended, confirmed, median_h in cursor.fetchall()
        ]


def register_all() -> None:
    """Offer the metric to the control plane."""
    action = _("Start a worker and cron: nothing ends the bridges whose time is over.")
    register(
        Metric(
            name="handoff_overdue",
            title=_("Bridges past their time"),
            threshold="= 0",
            severity=Severity.P2,
            action=action,
            read=overdue,
        )
    )
