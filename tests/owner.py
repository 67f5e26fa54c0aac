"""The owner of the database, for what the application may not do and a test must."""

from __future__ import annotations

from typing import Any

import psycopg
from django.conf import settings
from django.db import connection


def connect(name: str = "", *, autocommit: bool = True) -> psycopg.Connection[Any]:
    """Connect as the owner, to this test's database or to another of the same server."""
    owner: dict[str, Any] = settings.DATABASE_OWNER
    return psycopg.connect(
        dbname=name or connection.settings_dict["NAME"],
        user=owner["USER"] or None,
        password=owner["PASSWORD"] or None,
        host=owner["HOST"] or None,
        port=owner["PORT"] or None,
        autocommit=autocommit,
    )


def url(name: str) -> str:
    """What `DATABASE_OWNER_URL` says for another database of the embedded server."""
    return f"postgresql://{settings.DATABASE_OWNER['USER']}@/{name}?host={settings.DATABASE_OWNER['HOST']}"
