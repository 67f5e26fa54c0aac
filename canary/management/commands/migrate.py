"""`manage.py migrate`: Django's command as the owner, which ends only when nothing is left open.

Roles and default privileges come first, so that not even the first table is anybody's for a moment; what is created is
protected with each migration (`canary.postgresql`); and in the end the live database is looked through.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _

from canary import database_roles, database_security
from canary.database_owner import as_owner


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        with as_owner(connection):
            if options["plan"] or options["check_unapplied"]:
                super().handle(*args, **options)
                return
            _prepare(connection)
            super().handle(*args, **options)
            found = database_security.findings()
        if found:
            listed = "\n".join(f"  {finding}" for finding in found)
            raise CommandError(_("The database is not protected as it must be:") + "\n" + listed)


def _prepare(connection: BaseDatabaseWrapper) -> None:
    try:
        database_roles.ensure(connection)
    except database_roles.MayNotCreateRolesError as error:
        raise CommandError(str(error)) from error
    database_security.close_defaults(connection)
