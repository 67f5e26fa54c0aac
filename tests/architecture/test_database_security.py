"""Issue 7, database: the real roles against the real database, table by table as its catalogue has them.

"RLS habilitado (54 tabelas)", "Grants anon/authenticated revogados", "search_path hardened": Fase A, Pré-requisitos.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models, transaction
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from canary import database_roles, database_security, events
from canary.database_owner import as_owner
from canary.database_security import CHECKS, Finding, findings
from canary.event_types import EventType
from tests import owner
from tests.acceptance import document_sql
from tests.factories import outbound as make

LOW = f"julia_low_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}_{os.getpid()}"
INSIDERS = ("service_role", "julia_app")
OUTSIDERS = ("anon", "authenticated", LOW)
ROLES = (*OUTSIDERS, "julia_auditor", *INSIDERS)
READ, WRITE = {"SELECT"}, {"SELECT", "INSERT", "UPDATE", "DELETE"}
APPEND = {"SELECT", "INSERT"}
TABLES = """
    SELECT c.relname, c.relispartition, EXISTS (
        SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgfoid = 'refuse_change'::regproc
    ) AS is_append_only, (
        SELECT a.attname FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = ''
        ORDER BY a.attnum LIMIT 1
    ) AS writable
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""
ATTEMPTS = {
    "SELECT": "SELECT FROM public.{table} LIMIT 1",
    "INSERT": "INSERT INTO public.{table} DEFAULT VALUES",
    "UPDATE": "UPDATE public.{table} SET {writable} = {writable} WHERE false",
    "DELETE": "DELETE FROM public.{table} WHERE false",
    "TRUNCATE": "TRUNCATE public.{table}",
}

Connected = psycopg.Connection[Any]


def _id(role: str) -> str:
    """Name a case alike in all of xdist's workers."""
    return "low" if role == LOW else role


@pytest.fixture
def low_role(transactional_db: None) -> Iterator[None]:
    """A login that belongs to nobody, as anybody with an account on the server may have."""
    with owner.connect() as connected:
        connected.execute(f"CREATE ROLE {LOW} LOGIN")
        try:
            yield
        finally:
            connected.execute(f"DROP ROLE {LOW}")


@pytest.fixture
def acting(low_role: None) -> Iterator[Connected]:
    """The owner, who may become any of the roles; whatever is done is undone."""
    with owner.connect(autocommit=False) as connected:
        for role in ROLES:
            connected.execute(f"GRANT {role} TO CURRENT_USER WITH SET TRUE")
        yield connected
        connected.rollback()


@contextmanager
def as_role(connected: Connected, role: str) -> Iterator[None]:
    connected.execute(f"SET LOCAL ROLE {role}")
    try:
        yield
    finally:
        connected.execute("RESET ROLE")


@contextmanager
def undone() -> Iterator[None]:
    """Work as the owner on Django's own connection; it is rolled back in the end."""
    with as_owner(connection), transaction.atomic():
        yield
        transaction.set_rollback(True)


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def allowed(connected: Connected, table: str, writable: str) -> set[str]:
    """Which of the five the current role may do; what only fails for the rows' sake, it may."""
    may = set()
    for verb, attempt in ATTEMPTS.items():
        names = {"table": sql.Identifier(table), "writable": sql.Identifier(writable)}
        try:
            with connected.transaction(force_rollback=True):
                connected.execute(sql.SQL(attempt).format(**names))
        except InsufficientPrivilege:
            continue
        except (psycopg.IntegrityError, psycopg.NotSupportedError):
            pass
        may.add(verb)
    return may


def expected(role: str, table: str, *, is_partition: bool, is_append_only: bool) -> set[str]:
    if role in OUTSIDERS or is_partition:
        return set()
    if role == "julia_auditor":
        return READ if table in {"business_events", "health_snapshots"} else set()
    return APPEND if is_append_only else WRITE


@pytest.mark.parametrize("role", ROLES, ids=_id)
def test_each_role_may_do_what_it_is_for_with_each_table_and_nothing_else(acting: Connected, role: str) -> None:
    tables = acting.execute(TABLES).fetchall()
    assert len(tables) > 30
    assert {"business_events", "feature_flag_changes"} <= {
        name for name, _, is_append_only, _ in tables if is_append_only
    }
    # The schema is closed to outsiders as well: opened, so that it is the tables that refuse.
    acting.execute(f"GRANT USAGE ON SCHEMA public TO {role}")

    with as_role(acting, role):
        found = {name: allowed(acting, name, writable) for name, _, _, writable in tables}

    assert found == {
        name: expected(role, name, is_partition=is_partition, is_append_only=is_append_only)
        for name, is_partition, is_append_only, _ in tables
    }


@pytest.mark.parametrize("role", OUTSIDERS, ids=_id)
def test_an_outsider_who_was_granted_everything_by_mistake_still_sees_no_row(acting: Connected, role: str) -> None:
    acting.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    acting.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
    tables = [row[0] for row in acting.execute(TABLES).fetchall()]
    with as_role(acting, "service_role"):
        counted = _rows(acting, [name for name in tables if not name.startswith("business_events_")])
    assert sum(counted.values()) > 10

    with as_role(acting, role):
        assert set(_rows(acting, tables).values()) == {0}
        with pytest.raises(InsufficientPrivilege, match="row-level security"), acting.transaction():
            acting.execute("INSERT INTO heartbeats (name, beat_at) VALUES ('worker', now())")


def _rows(connected: Connected, tables: list[str]) -> dict[str, int]:
    counts = {}
    for name in tables:
        row = connected.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
        counts[name] = row[0] if row else -1
    return counts


def test_the_application_logs_in_as_a_role_that_owns_nothing(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user, current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = user")
        assert cursor.fetchone() == ("julia_app", "julia_app", False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = 'julia_app'::regrole")
        assert cursor.fetchone() == (0,)


def test_the_live_database_breaks_no_rule(transactional_db: None) -> None:
    assert findings() == []


OPEN_DATABASE = {
    "row_security": ("CREATE TABLE forgotten (id int)", "table forgotten"),
    "policies": ("CREATE POLICY mine ON contacts TO anon USING (true)", "policy mine of table contacts"),
    "document_tables_granted_to_anon": ("GRANT SELECT ON contacts TO anon", "1"),
    "document_exposed_security_definers": (
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER RETURN 1; GRANT EXECUTE ON FUNCTION f TO anon",
        "1",
    ),
    "outsiders_rights": ("GRANT SELECT (phone) ON contacts TO authenticated", "authenticated on contacts"),
    "grants_to_others": (
        "GRANT SELECT (phone) ON contacts TO PUBLIC",
        "PUBLIC, SELECT on column phone of table contacts",
    ),
    "default_privileges": (
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO anon",
        "anon, SELECT on what julia_owner creates",
    ),
    "search_path": (
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = pg_temp, public AS 'SELECT 1'",
        "function f",
    ),
    "security_definers": ("ALTER FUNCTION outbound_sender_for SECURITY DEFINER", "function outbound_sender_for"),
    "views": ("CREATE VIEW everybody AS SELECT phone FROM contacts", "view everybody"),
    "extensions": ("CREATE EXTENSION pg_trgm SCHEMA public", "extension pg_trgm"),
    "application_role": ("REVOKE service_role FROM julia_app", "julia_app: no member of service_role"),
    "memberships": ("GRANT service_role TO anon", "anon belongs to service_role"),
    "append_only": (
        "GRANT UPDATE (source) ON business_events TO service_role; GRANT DELETE ON business_events TO service_role",
        "service_role may change table business_events",
    ),
    "auditor_rights": ("GRANT SELECT (name) ON contacts TO julia_auditor", "julia_auditor on contacts"),
    "timeouts": (
        "DO $$ BEGIN EXECUTE format('ALTER ROLE julia_app IN DATABASE %I RESET ALL', current_database()); END $$",
        "julia_app: lock_timeout",
    ),
    "months_ahead": (
        """DO $$ BEGIN
            EXECUTE to_char(now() AT TIME ZONE 'UTC' + '1 month', '"DROP TABLE business_events_"YYYY_MM');
        END $$""",
        None,
    ),
}


def test_every_rule_has_something_that_breaks_it() -> None:
    assert set(OPEN_DATABASE) | {"missing_roles"} == set(CHECKS)


@pytest.mark.parametrize("check", sorted(OPEN_DATABASE))
def test_what_is_opened_is_found_and_named(transactional_db: None, check: str) -> None:
    statement, object_ = OPEN_DATABASE[check]
    with undone():
        assert [finding for finding in findings() if finding.check == check] == []

        run(statement)

        found = [finding for finding in findings() if finding.check == check]
    assert found
    assert object_ is None or Finding(check=check, object=object_) in found
    assert all(finding.object in str(finding) for finding in found)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE business_events DISABLE TRIGGER business_events_append_only",
        "DROP TRIGGER refuse_truncate ON business_events_default",
        "ALTER TABLE business_events DROP CONSTRAINT business_events_no_personal_data",
    ],
)
def test_a_record_without_its_guards_is_found(transactional_db: None, change: str) -> None:
    with undone():
        run(change)

        assert "append_only" in {finding.check for finding in findings()}


@pytest.mark.parametrize("attribute", ["SUPERUSER", "BYPASSRLS", "the owner"])
def test_an_application_that_logs_in_as_somebody_mighty_is_found(transactional_db: None, attribute: str) -> None:
    role = "julia_owner" if attribute == "the owner" else "postgres"

    found = [finding.object for finding in findings(role=role) if finding.check == "application_role"]

    assert any(attribute in object_ for object_ in found), found


def test_what_a_migration_creates_is_protected_in_its_transaction(transactional_db: None) -> None:
    """Not at its end only: nobody else ever sees the table without its protection."""

    class Newcomer(models.Model):
        secret = models.TextField()

        class Meta:
            app_label = "canary"
            db_table = "newcomers"

        def __str__(self) -> str:
            return self.secret

    try:
        with undone():
            with connection.schema_editor() as editor:
                editor.create_model(Newcomer)
                editor.execute("CREATE VIEW gossip AS SELECT secret FROM newcomers")
                editor.execute("GRANT ALL ON newcomers, gossip TO PUBLIC")
                editor.execute("CREATE FUNCTION peek() RETURNS int LANGUAGE sql SET search_path = pg_temp RETURN 1")

            assert findings() == []
            run("SET LOCAL ROLE NONE")
    finally:
        from django.apps import apps

        del apps.all_models["canary"]["newcomer"]
        apps.clear_cache()


def test_a_table_that_somebody_made_by_hand_stops_the_next_migration_unless_it_can_be_protected(
    transactional_db: None,
) -> None:
    with owner.connect() as connected:
        connected.execute("CREATE FUNCTION careless() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        try:
            with pytest.raises(CommandError, match="careless"):
                call_command("migrate", verbosity=0)
        finally:
            connected.execute("DROP FUNCTION careless()")
    call_command("migrate", verbosity=0)


def test_a_protected_database_is_not_locked_to_protect_it(transactional_db: None) -> None:
    with owner.connect(autocommit=False) as reader, as_owner(connection):
        reader.execute("SELECT FROM contacts, business_events")
        run("SET lock_timeout = '1s'")

        database_security.protect(connection)


def test_a_role_that_may_create_no_roles_is_told_what_to_run(low_role: None, settings: Any) -> None:
    settings.DATABASE_OWNER = {**django_settings.DATABASE_OWNER, "USER": LOW}

    with as_owner(connection), pytest.raises(database_roles.MayNotCreateRolesError, match="GRANT service_role TO"):
        database_roles.ensure(connection)


PLANTED = """
    CREATE TEMP TABLE contacts (id uuid, bucket smallint);
    CREATE TEMP TABLE conversations (id uuid, cliente_id uuid, sender_id uuid, created_at timestamptz);
    CREATE TEMP TABLE senders (id uuid, instance text, stopped_reason text);
    INSERT INTO pg_temp.senders VALUES (gen_random_uuid(), 'theirs', '');
    INSERT INTO pg_temp.contacts SELECT '{contact}', 0;
    CREATE FUNCTION pg_temp.coalesced(uuid, uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true';
    CREATE OPERATOR pg_temp.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = pg_temp.coalesced);
    CREATE FUNCTION pg_temp.md5(text) RETURNS text LANGUAGE sql AS $$ SELECT 'theirs' $$;
    SET LOCAL search_path = pg_temp, public, pg_catalog;
"""


def test_a_low_role_that_plants_objects_gains_nothing(acting: Connected) -> None:
    contact = make.contact()
    planting = PLANTED.format(contact=contact.pk)
    call = f"SELECT public.outbound_sender_for('{contact.pk}', NULL)"
    with acting.transaction(force_rollback=True), as_role(acting, "julia_app"):
        honest = acting.execute(call).fetchone()
        # Even a session of the application's own, full of planted objects, gets what is true.
        acting.execute(planting)
        assert acting.execute(call).fetchone() == honest
        assert acting.execute("SELECT count(*) FROM senders").fetchone() == (1,)

    with as_role(acting, LOW):
        acting.execute(planting)
        for attempt in (call, "SELECT FROM public.contacts", "CREATE FUNCTION public.f() RETURNS int RETURN 1"):
            with pytest.raises(InsufficientPrivilege), acting.transaction():
                acting.execute(attempt)


def test_the_auditor_runs_the_documents_queries_and_reads_no_person(acting: Connected) -> None:
    now = datetime.now(UTC)
    with transaction.atomic():
        events.emit([events.Event(type=EventType.OUTBOUND_SENT, at=now, source="test", props={"method": "campaign"})])

    with as_role(acting, "julia_auditor"):
        for query in (document_sql.Q1, document_sql.Q2, document_sql.Q3, document_sql.Q4, document_sql.Q5):
            acting.execute(query)
        assert acting.execute("SELECT count(*) FROM business_events").fetchone() == (1,)
        with pytest.raises(InsufficientPrivilege), acting.transaction():
            acting.execute("SELECT name FROM contacts")


@pytest.mark.parametrize(
    ("name", "ours"),
    [("statement_timeout", "30s"), ("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "1min")],
)
def test_the_application_waits_for_nothing_for_ever_and_migrations_may(
    transactional_db: None, name: str, ours: str
) -> None:
    assert _show(name) == ours
    with as_owner(connection):
        assert _show(name) == "0"


def _show(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        value: str = cursor.fetchone()[0]
        return value
