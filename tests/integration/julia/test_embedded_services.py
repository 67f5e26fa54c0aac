"""The embedded PostgreSQL and Redis: real servers that come with the first who needs them and go with the last."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
import redis
from django.conf import settings

from julia import embedded
from julia.embedded import addresses
from julia.embedded.locks import exclusive
from tests.waiting import wait_for

USER = """
import sys
from pathlib import Path
from julia import embedded
embedded.start(root=Path(sys.argv[1]))
print("up", flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses the services of a root until it is let go."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(root)],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def wait_until_up(self) -> None:
        assert self.process.stdout
        assert self.process.stdout.readline() == b"up\n"

    def leave(self, *, killed: bool = False) -> None:
        if killed:
            self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=20)


@pytest.fixture
def tmp_path():
    """A folder that other users may enter: PostgreSQL does not run as root, and pytest's own folders are closed."""
    with tempfile.TemporaryDirectory(prefix="julia-test-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)
        with exclusive(Path(folder) / embedded.KEEPER):
            pass  # the keeper has gone


@pytest.fixture
def use():
    with ExitStack() as stack:

        def start(root: Path) -> User:
            user = User(root)
            stack.callback(user.leave)
            return user

        yield start


def server_pid(root: Path) -> int:
    return int((root / "postgres" / "postmaster.pid").read_text().split("\n")[0])


def are_gone(root: Path) -> bool:
    return (
        not (root / "postgres" / "postmaster.pid").exists()
        and not Path(addresses.redis_url(root).removeprefix("unix://").removesuffix("?db=0")).exists()
    )


def test_the_first_user_brings_both_up(tmp_path, use):
    use(tmp_path).wait_until_up()

    with psycopg.connect(addresses.database_url(tmp_path)) as connection:
        version = str(connection.execute("SHOW server_version").fetchone())
    with redis.Redis.from_url(addresses.redis_url(tmp_path)) as client:
        assert client.ping()
    assert version.startswith("('18.")


def test_users_who_start_together_share_one_server(tmp_path, use):
    users = [use(tmp_path) for _ in range(4)]

    for user in users:
        user.wait_until_up()

    started = (tmp_path / "postgres.log").read_text().count("listening on Unix socket")
    assert started == 1


def test_services_stop_with_the_last_user_however_he_ends(tmp_path, use):
    first, last = use(tmp_path), use(tmp_path)
    first.wait_until_up()
    last.wait_until_up()

    first.leave()
    with psycopg.connect(addresses.database_url(tmp_path)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    last.leave(killed=True)

    wait_for(lambda: are_gone(tmp_path), what="the end of the services")


def test_they_come_back_for_the_next_user(tmp_path, use):
    user = use(tmp_path)
    user.wait_until_up()
    with psycopg.connect(addresses.owner_url(tmp_path), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept ()")
    user.leave()

    use(tmp_path).wait_until_up()

    with psycopg.connect(addresses.owner_url(tmp_path)) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_checkouts_side_by_side_have_their_own(tmp_path, use):
    here, there = tmp_path / "here", tmp_path / "there"
    for root in (here, there):
        use(root).wait_until_up()

    assert server_pid(here) != server_pid(there)


def test_a_deep_folder_is_no_problem(tmp_path, use):
    root = tmp_path / ("deep" * 20) / ("folder" * 10)

    use(root).wait_until_up()

    with psycopg.connect(addresses.database_url(root)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_server_that_crashed_is_started_again(tmp_path, use):
    use(tmp_path).wait_until_up()
    import os

    os.kill(server_pid(tmp_path), signal.SIGKILL)

    def answers() -> bool:
        try:
            with psycopg.connect(addresses.database_url(tmp_path)) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    wait_for(answers, seconds=30, what="PostgreSQL's return")
