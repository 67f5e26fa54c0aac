"""The database connection, from a URL to what Django expects."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from julia.environment import Secret


def database_from_url(url: str, *, variable: str = "DATABASE_URL", behind_pgbouncer: bool = False) -> dict[str, object]:
    """Turn `postgresql://user:password@host:port/name?sslmode=verify-full&sslrootcert=/ca.pem` into Django's settings.

    Query parameters go to libpq; `host` among them is a Unix socket's folder. Behind PgBouncer in transaction mode each
    transaction may meet another session of the server, so no cursor is left open there. Django prepares no statements
    unless told to.

    Raises:
        ImproperlyConfigured: when the URL is not a PostgreSQL one or names no database. The URL itself, which may hold
            a password, is never shown.
    """
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name:
        raise ImproperlyConfigured(f"{variable} must look like postgresql://user:password@host:5432/name.")
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or parts.hostname or ""
    return {
        "ENGINE": "canary.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": Secret(unquote(parts.password or "")),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": behind_pgbouncer,
        "OPTIONS": {"connect_timeout": 5, "application_name": "julia", **options},
    }


def of_one_database(application: dict[str, object], owner: dict[str, object]) -> dict[str, object]:
    """Answer the owner's settings, once it is sure that they are for the application's database.

    Raises:
        ImproperlyConfigured: when they name another one.
    """
    if owner["NAME"] != application["NAME"]:
        raise ImproperlyConfigured("DATABASE_OWNER_URL and DATABASE_URL must name the same database.")
    return owner
