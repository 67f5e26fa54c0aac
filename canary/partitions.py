"""The months of `business_events`, made ahead so that every event finds its own partition."""

from __future__ import annotations

from datetime import date

from django.db import connection
from psycopg import sql

MONTHS_AHEAD = 3
MONTHS_PER_YEAR = 12


def ensure_ahead(*, today: date) -> None:
    """Create the partitions for this month and the three to come that do not exist yet."""
    for offset in range(MONTHS_AHEAD + 1):
        _create(_month(today, offset), _month(today, offset + 1))


def _month(day: date, offset: int) -> date:
    years, month = divmod(day.month - 1 + offset, MONTHS_PER_YEAR)
    return date(day.year + years, month + 1, 1)


def _create(first: date, following: date) -> None:
    statement = sql.SQL("CREATE TABLE IF NOT EXISTS {name} PARTITION OF business_events FOR VALUES FROM ({a}) TO ({b})")
    name = sql.Identifier(f"business_events_{first:%Y_%m}")
    # The bounds are midnights in UTC, whatever the session's time zone.
    bounds = {"a": sql.Literal(f"{first} 00:00:00+00"), "b": sql.Literal(f"{following} 00:00:00+00")}
    with connection.cursor() as cursor:
        cursor.execute(statement.format(name=name, **bounds))
