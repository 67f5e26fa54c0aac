"""A transaction whose statements travel together: none that could wait for company makes a round trip of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connection, transaction


@contextmanager
def transaction_in_pipeline() -> Iterator[None]:
    """Open a transaction of its own; its statements are sent when a result is read, the last of them with the COMMIT.

    An error of a statement is raised where the next result is read, or at the end; the transaction is rolled back.
    BEGIN and COMMIT are statements like the others here: the driver's own would each wait for the server, and so would
    Django's switching of autocommit. Django is told that there is a transaction, and asked for no savepoint.

    Raises:
        RuntimeError: inside another transaction.
    """
    if connection.in_atomic_block:
        raise RuntimeError("This transaction must be the outermost one.")
    connection.ensure_connection()
    try:
        with connection.wrap_database_errors, connection.connection.pipeline():
            connection.autocommit = False
            with connection.cursor() as cursor, transaction.atomic(savepoint=False):
                cursor.execute("BEGIN")
                yield
                cursor.execute("COMMIT")
    except BaseException:
        _roll_back()
        raise
    finally:
        connection.autocommit = True
    connection.run_and_clear_commit_hooks()


def _roll_back() -> None:
    """Roll back, or drop a connection that cannot even do that."""
    connection.run_on_commit = []
    connection.needs_rollback = False
    try:
        with connection.wrap_database_errors:
            connection.connection.rollback()
    except Error:
        connection.close()
