"""Acting as the owner of the database: for migrations and retention. All other work is done as the application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

# The database's name stays: the owner never works on another one than the application's.
WHO = ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


@contextmanager
def as_owner(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Have this connection be the owner's, as `DATABASE_OWNER_URL` says, inside the block.

    Raises:
        RuntimeError: inside a transaction, which belongs to one connection.
    """
    if connection.in_atomic_block:
        raise RuntimeError("Whom we connect as cannot change inside a transaction.")
    application = connection.settings_dict
    connection.close()
    # Settings of its own: the application's are shared by the connections of all threads.
    connection.settings_dict = {**application, **{key: settings.DATABASE_OWNER[key] for key in WHO}}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = application
