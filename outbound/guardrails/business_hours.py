"""When proactive messages may go out, and anything to a divulgador: `mon-fri 08:00-20:00`, half-open, São Paulo time.

08:00:00 is open, 19:59:59.999999 is open, 20:00:00 is not (go/no-go document, Ponte Externa; spec/domain.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<opens>\d{2}:\d{2})-(?P<closes>\d{2}:\d{2})")
END_OF_DAY = "24:00"
DAYS_TO_LOOK_AHEAD = 8


class InvalidHoursError(ValueError):
    """The text is no business hours; the message shows how they look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessHours:
    """`weekdays` counts Monday as 0; `closes=None` is midnight at the day's end."""

    weekdays: frozenset[int]
    opens: time
    closes: time | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `mon-fri 08:00-20:00`; `24:00` closes at midnight.

        Raises:
            InvalidHoursError: when the text is not of that form, or nothing would ever be open.
        """
        match = HOURS.fullmatch(text.strip().lower())
        try:
            if not match:
                raise ValueError
            first, last = DAYS.index(match["first"]), DAYS.index(match["last"] or match["first"])
            opens = time.fromisoformat(match["opens"])
            closes = None if match["closes"] == END_OF_DAY else time.fromisoformat(match["closes"])
            if last < first or (closes is not None and closes <= opens):
                raise ValueError
        except ValueError as error:
            raise InvalidHoursError(f"{text!r} is no business hours: write them like mon-fri 08:00-20:00.") from error
        return cls(weekdays=frozenset(range(first, last + 1)), opens=opens, closes=closes)

    def is_open(self, at: datetime) -> bool:
        """Whether messages may go out at this instant."""
        local = at.astimezone(SAO_PAULO)
        is_before_closing = self.closes is None or local.time() < self.closes
        return local.weekday() in self.weekdays and self.opens <= local.time() and is_before_closing

    def next_opening(self, at: datetime) -> datetime:
        """The first instant after `at` at which it opens; meaningful while it is closed."""
        today = at.astimezone(SAO_PAULO).date()
        openings = (self._opening(today + timedelta(days=days)) for days in range(DAYS_TO_LOOK_AHEAD))
        return next(opening for opening in openings if opening.weekday() in self.weekdays and opening > at)

    def _opening(self, day: date) -> datetime:
        return datetime.combine(day, self.opens, tzinfo=SAO_PAULO)
