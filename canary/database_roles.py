"""The roles of the database server, and what each login brings along; made as far as they are missing."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import ProgrammingError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

APPLICATION = "julia_app"
ROLES = (Path(__file__).parent / "queries" / "roles.sql").read_text(encoding="utf-8")
# PgBouncer hands on no session settings, so that they come with the login itself, and in this database only.
SET_TIMEOUT = sql.SQL("ALTER ROLE {role} IN DATABASE {database} SET {name} = {value}")
READ_TIMEOUTS = """
    SELECT split_part(setting, '=', 1), split_part(setting, '=', 2)
    FROM pg_db_role_setting s
    JOIN pg_database d ON d.oid = s.setdatabase AND d.datname = current_database()
    JOIN pg_roles r ON r.oid = s.setrole AND r.rolname = %s
    CROSS JOIN LATERAL unnest(s.setconfig) AS setting
"""


class MayNotCreateRolesError(RuntimeError):
    """The role that migrates may not do what is missing; the message holds the SQL for somebody who may."""


def ensure(connection: BaseDatabaseWrapper) -> None:
    """Create the roles and set the application's time limits, as the role that migrates.

    Raises:
        MayNotCreateRolesError: when that role may not.
    """
    _run(connection, ROLES)
    for statement in _missing_timeouts(connection):
        _run(connection, statement)


def _missing_timeouts(connection: BaseDatabaseWrapper) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(READ_TIMEOUTS, [APPLICATION])
        current = dict(cursor.fetchall())
        database = sql.Identifier(connection.settings_dict["NAME"])
        return [
            SET_TIMEOUT.format(
                role=sql.Identifier(APPLICATION), database=database, name=sql.Identifier(name), value=sql.Literal(value)
            ).as_string(cursor.cursor)
            for name, value in settings.DATABASE_TIMEOUTS.items()
            if current.get(name) != value
        ]


def _run(connection: BaseDatabaseWrapper, statement: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except ProgrammingError as error:
        if not isinstance(error.__cause__, InsufficientPrivilege):
            raise
        problem = _("The role that migrates may not do this. Have somebody run it who may, and migrate again:")
        raise MayNotCreateRolesError(f"{problem}\n\n{statement}") from error
