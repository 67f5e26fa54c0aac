"""Reading many things as of one moment, and without keeping anybody waiting for long."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """Open a transaction of its own that sees one moment of the database, writes nothing, and ends slow statements.

    Raises:
        RuntimeError: inside another transaction.
        OperationalError: when a statement takes longer than 5 s.
    """
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = '5s'")
        yield
