"""SQL in migrations as files one can read: `sql/0002_protect.sql` beside `sql/0002_protect.reverse.sql`."""

from __future__ import annotations

from pathlib import Path

from django.db.migrations.operations import RunSQL
from django.db.migrations.operations.base import Operation


class RunSQLFile(RunSQL):
    """Run a file of a migration's `sql/` folder, and its `.reverse.sql` twin on the way back.

    `migration_file` is the migration's own `__file__`, `name` the SQL file's name without its ending.
    """

    def __init__(self, migration_file: str, name: str, *, state_operations: list[Operation] | None = None) -> None:
        folder = Path(migration_file).parent / "sql"
        super().__init__(
            sql=(folder / f"{name}.sql").read_text(encoding="utf-8"),
            reverse_sql=(folder / f"{name}.reverse.sql").read_text(encoding="utf-8"),
            state_operations=state_operations or [],
        )
