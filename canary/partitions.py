"""The months of `business_events`, as partitions: made ahead so that every event finds its own, and dropped when old.

Only the owner may do this, so it happens with `manage.py migrate` and `manage.py retention`, a year ahead of time. What
no month takes waits in the default partition: an event is never refused for its date.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.db import connection, transaction
from psycopg import sql

from canary import database_security

MONTHS_AHEAD = 12
MONTHS_PER_YEAR = 12
PREFIX = "business_events_"
EXISTING = """
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'business_events'::regclass AND c.relname ~ '_[0-9]{4}_[0-9]{2}$' ORDER BY c.relname
"""
CREATE = sql.SQL("CREATE TABLE {name} PARTITION OF business_events FOR VALUES FROM ({first}) TO ({end})")
DROP = sql.SQL("DROP TABLE {name}")
# Whoever waits for the events' table makes all who write events wait behind him.
WAIT_LITTLE = "SET LOCAL lock_timeout = '5s'"
# Standing alone, it is nothing but a table; going back, its rows are checked against the months there are.
DETACH_DEFAULT = "ALTER TABLE business_events DETACH PARTITION business_events_default"
ATTACH_DEFAULT = "ALTER TABLE business_events ATTACH PARTITION business_events_default DEFAULT"
STRAY_MONTHS = "SELECT DISTINCT date_trunc('month', ts AT TIME ZONE 'UTC')::date FROM business_events_default"
MOVE_STRAYS = """
    INSERT INTO business_events (id, ts, event_type, source, cliente_id, conversation_id, event_props)
    OVERRIDING SYSTEM VALUE
    SELECT id, ts, event_type, source, cliente_id, conversation_id, event_props FROM business_events_default
"""
EMPTY_DEFAULT = "TRUNCATE business_events_default"


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month in UTC, from its `first` day to `end`, the first day of the next."""

    first: date

    @classmethod
    def named(cls, partition: str) -> Month:
        return cls(datetime.strptime(partition, f"{PREFIX}%Y_%m").replace(tzinfo=UTC).date())

    @property
    def partition(self) -> str:
        return f"{PREFIX}{self.first:%Y_%m}"

    @property
    def end(self) -> date:
        return self.later(1).first

    def later(self, months: int) -> Month:
        years, month = divmod(self.first.month - 1 + months, MONTHS_PER_YEAR)
        return Month(date(self.first.year + years, month + 1, 1))


def start_of_month(instant: datetime) -> datetime:
    """The midnight in UTC that the month of an instant began with."""
    return instant.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def existing() -> list[Month]:
    """List the months that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(EXISTING)
        return [Month.named(row[0]) for row in cursor.fetchall()]


def ensure_ahead(*, today: date) -> None:
    """Create the partitions for this month and the year to come that do not exist yet."""
    this = Month(today.replace(day=1))
    _create(this.later(offset) for offset in range(MONTHS_AHEAD + 1))


def expired(*, before: datetime) -> list[Month]:
    """List the months that had ended by `before`, oldest first."""
    return [month for month in existing() if month.end <= start_of_month(before).date()]


@transaction.atomic
def drop(months: Iterable[Month]) -> None:
    """Remove whole months of events for good, without a look at their rows."""
    with connection.cursor() as cursor:
        cursor.execute(WAIT_LITTLE)
        for month in months:
            cursor.execute(DROP.format(name=sql.Identifier(month.partition)))


@transaction.atomic
def sort_strays() -> int:
    """Give the months of what lies in the default partition partitions of their own; answer how many were made."""
    with connection.cursor() as cursor:
        cursor.execute(STRAY_MONTHS)
        strays = [Month(row[0]) for row in cursor.fetchall()]
        if strays:
            cursor.execute(WAIT_LITTLE)
            cursor.execute(DETACH_DEFAULT)
            _create(strays)
            for statement in (MOVE_STRAYS, EMPTY_DEFAULT, ATTACH_DEFAULT):
                cursor.execute(statement)
            # Alone it was protected as a table of its own; as a part it is nobody's but through the whole.
            database_security.protect(connection)
    return len(strays)


@transaction.atomic
def _create(months: Iterable[Month]) -> None:
    there = set(existing())
    missing = [month for month in months if month not in there]
    if not missing:
        return
    with connection.cursor() as cursor:
        for month in missing:
            # The bounds are midnights in UTC, whatever the session's time zone.
            bounds = {
                "first": sql.Literal(f"{month.first} 00:00:00+00"),
                "end": sql.Literal(f"{month.end} 00:00:00+00"),
            }
            cursor.execute(CREATE.format(name=sql.Identifier(month.partition), **bounds))
    database_security.protect(connection)
