"""When proactive messages may go out, and anything to a divulgador: `mon-fri 08:00-20:00`, half-open, São Paulo time.

08:00:00 is open, 19:59:59.999999 is open, 20:00:00 is not (go/no-go document, Ponte Externa; spec/domain.md). Holidays,
where they are configured, are closed all day.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

import holidays

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = re.compile(r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<opens>\d{2}:\d{2})-(?P<closes>\d{2}:\d{2})")
END_OF_DAY = "24:00"
# One opening a week, and as many holidays on its day as a year could hold.
DAYS_TO_LOOK_AHEAD = 366
NO_HOLIDAYS: Container[date] = frozenset()


class InvalidHoursError(ValueError):
    """The text is no business hours, or no holidays; the message shows how they look."""


def parse_holidays(text: str) -> Container[date]:
    """Read whose holidays are kept: `BR` for the national ones, `BR-SP` for a state's as well, nothing for none.

    Raises:
        InvalidHoursError: when there is no such country or state.
    """
    country, _, state = text.strip().upper().partition("-")
    if not country:
        return NO_HOLIDAYS
    try:
        return holidays.country_holidays(country, subdiv=state or None)
    except NotImplementedError as error:
        raise InvalidHoursError(f"{text!r} has no holidays we know: write BR, or BR-SP.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessHours:
    """`weekdays` counts Monday as 0; `closes=None` is midnight at the day's end; `closed_on` holds whole days."""

    weekdays: frozenset[int]
    opens: time
    closes: time | None
    closed_on: Container[date] = NO_HOLIDAYS

    @classmethod
    def parse(cls, text: str, *, closed_on: Container[date] = NO_HOLIDAYS) -> Self:
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
        return cls(weekdays=frozenset(range(first, last + 1)), opens=opens, closes=closes, closed_on=closed_on)

    def is_open(self, at: datetime) -> bool:
        """Whether messages may go out at this instant."""
        local = at.astimezone(SAO_PAULO)
        is_before_closing = self.closes is None or local.time() < self.closes
        return self._opens_on(local.date()) and self.opens <= local.time() and is_before_closing

    def next_opening(self, at: datetime) -> datetime:
        """The first instant after `at` at which it opens; meaningful while it is closed."""
        today = at.astimezone(SAO_PAULO).date()
        openings = (self._opening(today + timedelta(days=days)) for days in range(DAYS_TO_LOOK_AHEAD))
        return next(opening for opening in openings if self._opens_on(opening.date()) and opening > at)

    def _opens_on(self, day: date) -> bool:
        return day.weekday() in self.weekdays and day not in self.closed_on

    def _opening(self, day: date) -> datetime:
        return datetime.combine(day, self.opens, tzinfo=SAO_PAULO)
