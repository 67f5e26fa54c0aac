"""What the database's own catalogue says is in force: triggers that fire, constraints that were checked, grants."""

from __future__ import annotations

from django.db import connection

# A constraint counts only when it holds for every row (`convalidated`) and is enforced for new ones.
CONSTRAINT = """
    SELECT count(*) FROM pg_constraint
    WHERE conrelid = to_regclass(%s) AND conname = %s AND contype = %s AND convalidated
"""
# 'D' is a trigger somebody disabled, 'R' one that fires on replicas only.
TRIGGER = """
    SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgname = %s AND tgenabled IN ('O', 'A')
"""
# The go/no-go document's check (Security Hardening, Verificação), for both of the roles it took the grants from.
# Not information_schema, which shows nobody but a table's owner what others were granted.
ANONYMOUS_GRANTS = """
    SELECT count(*)
    FROM pg_class c, aclexplode(c.relacl) granted JOIN pg_roles r ON r.oid = granted.grantee
    WHERE c.relnamespace = 'public'::regnamespace AND r.rolname IN ('anon', 'authenticated')
"""


def has_constraint(table: str, name: str, *, kind: str) -> bool:
    """Tell whether a constraint is in force; `kind` is PostgreSQL's letter: c for CHECK, x for exclusion."""
    return _count(CONSTRAINT, [table, name, kind]) == 1


def has_trigger(table: str, name: str) -> bool:
    """Tell whether a trigger is there and fires."""
    return _count(TRIGGER, [table, name]) == 1


def anonymous_grants() -> int:
    """Count the privileges on our tables of the roles that outsiders come with."""
    return _count(ANONYMOUS_GRANTS, [])


def _count(query: str, parameters: list[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        count: int = cursor.fetchone()[0]
    return count
