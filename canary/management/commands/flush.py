"""`manage.py flush`: Django's command as the owner; the application may empty nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush
from django.db import connections

from canary.database_owner import as_owner


class Command(flush.Command):
    def handle(self, **options: Any) -> None:
        with as_owner(connections[options["database"]]):
            super().handle(**options)
