"""The `ENGINE` of our settings: PostgreSQL as Django knows it, and two things more.

- Whatever a migration creates is protected in the migration's own transaction, before anybody else can see it: our
  tables, Django's, those of packages to come, and nobody has to think of it.
- Databases for tests are created and dropped by the owner, since the application may not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from django.db.backends.postgresql import base, creation, schema

from canary import database_security
from canary.database_owner import as_owner


class SchemaEditor(schema.DatabaseSchemaEditor):
    """Protects what was changed as the last of the changes."""

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if exc_type is None and not self.collect_sql:
            database_security.protect(self.connection)
        super().__exit__(exc_type, exc, traceback)


class Creation(creation.DatabaseCreation):
    """Creates and drops test databases as the owner; `manage.py migrate` fills them as the same."""

    @contextmanager
    def _nodb_cursor(self) -> Iterator[Any]:
        with as_owner(self.connection), super()._nodb_cursor() as cursor:  # type: ignore[misc] # not in the stubs
            yield cursor


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = SchemaEditor
    creation_class = Creation
