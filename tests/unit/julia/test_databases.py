"""From `DATABASE_URL` to a connection: what reaches libpq, and what is refused before anything connects."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from julia.databases import database_from_url, of_one_database


def test_tls_options_reach_libpq():
    url = (
        "postgresql://julia_app:p%40ss@db.example.org:5432/julia?sslmode=verify-full&sslrootcert=/etc/ca.pem&sslcert=/c"
    )

    database = database_from_url(url)

    assert database["OPTIONS"] == {
        "connect_timeout": 5,
        "application_name": "julia",
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca.pem",
        "sslcert": "/c",
    }
    assert (database["USER"], database["PASSWORD"], database["PORT"]) == ("julia_app", "p@ss", "5432")


@pytest.mark.parametrize("behind", [True, False])
def test_behind_pgbouncer_no_cursor_stays_open_on_the_server(behind):
    database = database_from_url("postgresql://a@b/c", behind_pgbouncer=behind)

    assert database["DISABLE_SERVER_SIDE_CURSORS"] is behind


def test_the_owner_works_on_the_applications_database_only():
    application = database_from_url("postgresql://julia_app@pooler:6543/julia")
    owner = database_from_url("postgresql://julia_owner@db/julia")
    assert of_one_database(application, owner) == owner

    with pytest.raises(ImproperlyConfigured, match="same database"):
        of_one_database(application, database_from_url("postgresql://julia_owner@db/postgres"))


@pytest.mark.parametrize("url", ["mysql://a:secret@b/c", "postgresql://a:secret@b", "secret"])
def test_a_url_that_cannot_be_read_is_not_repeated(url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_OWNER_URL") as raised:
        database_from_url(url, variable="DATABASE_OWNER_URL")

    assert "secret" not in str(raised.value)
