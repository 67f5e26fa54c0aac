"""Migrations say all the models say, and every step of them can be taken back."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from julia.processes import BASE_DIR
from tests import owner
from tests.waiting import wait_for

OURS = ("julia", "handoff", "outbound", "canary")
SQL_FILES = sorted(path for package in OURS for path in (BASE_DIR / package).glob("migrations/sql/*.sql"))
MIGRATIONS = sorted(path for package in OURS for path in (BASE_DIR / package).glob("migrations/[0-9]*.py"))
# All but Django's and its apps' own, and the months of the events, which come and go with time.
CATALOGUE = """
    SELECT c.relkind::text || ' ' || c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
      AND c.relname !~ '^((auth|axes|django)_|business_events_2[0-9]{3}_)'
    UNION ALL
    SELECT 'function ' || p.proname FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'type ' || t.typname FROM pg_type t
    WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('d', 'e')
"""

# One process for all steps: starting one for each takes longer than the step.
STEPS = """
import json
from django.core.management import call_command
from django.db import connection

def tell():
    with connection.cursor() as cursor:
        cursor.execute({catalogue!r})
        print(json.dumps([name for name, in cursor.fetchall()]))

tell()
for package, name in {steps!r}:
    call_command("migrate", package, name, interactive=False, verbosity=0)
    tell()
"""

Manage = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def empty_database(django_db_blocker: Any) -> Iterator[str]:
    """A database with nothing in it, gone when the test ends."""
    name = f"julia_migrations_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}_{os.getpid()}"
    with owner.connect("postgres") as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            wait_for(lambda: _is_dropped(server, name), what="the end of the last session")


def _is_dropped(server: psycopg.Connection[Any], name: str) -> bool:
    """Drop a database; the session of a process that has just ended may take a moment to end, too."""
    try:
        server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
    except psycopg.errors.ObjectInUse:
        return False
    return True


@pytest.fixture
def manage(empty_database: str) -> Manage:
    """Run a management command on the empty database."""
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}@/{empty_database}?host={database['HOST']}"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(BASE_DIR / "manage.py"), *arguments],
            env={**os.environ, "DATABASE_URL": url, "DATABASE_OWNER_URL": owner.url(empty_database)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def _ours(name: str) -> set[str]:
    with owner.connect(name) as database:
        return {row[0] for row in database.execute(CATALOGUE).fetchall()}


def test_no_model_has_changed_without_a_migration(manage: Manage) -> None:
    done = manage("makemigrations", "--check", "--dry-run")

    assert done.returncode == 0, done.stdout + done.stderr


def test_migrating_to_zero_leaves_nothing_of_ours_and_back_brings_all(manage: Manage, empty_database: str) -> None:
    def migrate(*arguments: str) -> None:
        done = manage("migrate", "--no-input", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr

    migrate()
    everything = _ours(empty_database)
    assert {"r outbound_messages", "p business_events", "r feature_flags", "r contacts"} <= everything

    # Upper packages first: they lean on the lower ones.
    for package in OURS:
        if (BASE_DIR / package / "migrations").exists():
            migrate(package, "zero")
    assert _ours(empty_database) == set()

    migrate()
    assert _ours(empty_database) == everything


def test_migrating_one_step_at_a_time_goes_there_and_back(manage: Manage) -> None:
    # Lower packages first.
    names = [
        (package, path.stem) for package in reversed(OURS) for path in MIGRATIONS if path.parent.parent.name == package
    ]
    back = [
        (package, names[at - 1][1] if at and names[at - 1][0] == package else "zero")
        for at, (package, _name) in enumerate(names)
    ]

    done = manage("shell", "--no-imports", "-c", STEPS.format(steps=[*names, *reversed(back)], catalogue=CATALOGUE))

    assert done.returncode == 0, done.stderr
    empty, *after = [set(json.loads(line)) for line in done.stdout.splitlines()]
    forth, and_back = after[: len(names)], after[len(names) :]
    before = dict(zip(names, [empty, *forth], strict=False))
    for name, left in zip(reversed(names), and_back, strict=True):
        assert left == before[name], name


def test_every_sql_file_belongs_to_one_migration_and_has_its_reverse() -> None:
    forward = [path for path in SQL_FILES if not path.name.endswith(".reverse.sql")]
    assert forward
    assert len(SQL_FILES) == 2 * len(forward)

    for path in forward:
        assert path.with_suffix(".reverse.sql") in SQL_FILES
        users = [
            migration.name
            for migration in path.parent.parent.glob("[0-9]*.py")
            if re.search(rf'RunSQLFile\(\s*__file__,\s*"{path.stem}"', migration.read_text(encoding="utf-8"))
        ]
        assert users == [f"{path.stem}.py"]


def test_every_sql_file_opens_with_a_sentence() -> None:
    for path in SQL_FILES:
        if not path.name.endswith(".reverse.sql"):
            assert re.match(r"-- [A-Z]", path.read_text(encoding="utf-8")), path.name


def test_a_migration_is_named_by_what_it_does() -> None:
    for path in MIGRATIONS:
        assert re.fullmatch(r"\d{4}_[a-z]+(_[a-z]+)*", path.stem)
        assert not re.search(r"_auto_|_and_more|_initial", path.stem), path.name
