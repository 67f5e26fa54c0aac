"""What keeps outsiders away from the rows: protected with every schema change, and verified against the live catalogue.

    >>> findings()
    [Finding(check='row_security', object='table contacts')]

Whoever is not `service_role` finds nothing to read or write: row-level security is forced on every table, nobody else
is granted anything, and functions look up names where they were told to when they were written. `docs/database.md`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

from canary.database_roles import APPLICATION

_QUERIES = Path(__file__).parent / "queries"
PROTECT, DEFAULT_PRIVILEGES = (
    (_QUERIES / f"{name}.sql").read_text(encoding="utf-8") for name in ("protect", "default_privileges")
)
ROLES_CHECK = "missing_roles"
# Each is a query of queries/security that answers what breaks the rule its sentence states.
RULES = {
    "missing_roles": _("is missing"),
    "document_tables_granted_to_anon": _("tables are granted to anon; the go/no-go document says 0"),
    "document_exposed_security_definers": _(
        "SECURITY DEFINER functions are exposed to anon; the go/no-go document says 0"
    ),
    "row_security": _("row-level security is not enabled and forced"),
    "policies": _("lets in others than service_role, or not even that one"),
    "outsiders_rights": _("an outsider may do something"),
    "grants_to_others": _("granted to others than service_role"),
    "default_privileges": _("new objects would be open"),
    "search_path": _("has no search_path of its own that ends with pg_temp"),
    "security_definers": _("is SECURITY DEFINER"),
    "views": _("does not read with the rights of who asks (security_invoker)"),
    "extensions": _("stands in public, not in a schema of its own"),
    "application_role": _("may do more, or less, than the application needs"),
    "memberships": _("an outsider belongs to a role of ours"),
    "append_only": _("the record could be changed"),
    "auditor_rights": _("the auditor may do more than read events and metrics"),
    "timeouts": _("is not set for the application's login"),
    "months_ahead": _("is missing: manage.py retention --apply"),
}
CHECKS = {name: (_QUERIES / "security" / f"{name}.sql").read_text(encoding="utf-8") for name in RULES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One object that breaks a rule; `check` is the rule's name in `RULES`."""

    check: str
    object: str

    def __str__(self) -> str:
        return f"{self.object}: {RULES[self.check]}"


def close_defaults(connection: BaseDatabaseWrapper) -> None:
    """Have nothing that this role creates from now on belong to anybody else."""
    with connection.cursor() as cursor:
        cursor.execute(DEFAULT_PRIVILEGES)


def protect(connection: BaseDatabaseWrapper) -> None:
    """Protect all in public that the current role owns, inside the caller's transaction where there is one."""
    with connection.cursor() as cursor:
        cursor.execute(PROTECT)


def findings(*, role: str = APPLICATION) -> list[Finding]:
    """Look for whatever breaks a rule, table by table; `role` is whom the application logs in as.

    Where roles are missing the answer is about those only: all the rest is about them.
    """
    missing = list(_look(ROLES_CHECK, role))
    return missing or [finding for check in CHECKS for finding in _look(check, role)]


def _look(check: str, role: str) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        # The document's queries count; the others name.
        if check.startswith("document_"):
            cursor.execute(CHECKS[check])
            count = cursor.fetchone()[0]
            yield from [Finding(check=check, object=str(count))] if count else []
        else:
            cursor.execute(CHECKS[check], {"role": role})
            yield from (Finding(check=check, object=row[0]) for row in cursor.fetchall())
