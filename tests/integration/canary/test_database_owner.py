"""Who we are connected as: the application, but for the commands that are the owner's."""

from __future__ import annotations

import threading

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from canary.database_owner import as_owner


def who() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        name: str = cursor.fetchone()[0]
        return name


def test_only_inside_the_block_and_only_this_thread_is_the_owner(transactional_db):
    elsewhere: list[str] = []

    def look() -> None:
        elsewhere.append(who())
        connection.close()

    with as_owner(connection):
        assert who() == "julia_owner"
        thread = threading.Thread(target=look)
        thread.start()
        thread.join(timeout=10)

    assert elsewhere == ["julia_app"]
    assert who() == "julia_app"


def test_an_error_leaves_nobody_as_the_owner(transactional_db):
    with pytest.raises(ZeroDivisionError), as_owner(connection):
        raise ZeroDivisionError

    assert who() == "julia_app"


def test_nobody_becomes_the_owner_in_the_middle_of_a_transaction(transactional_db):
    with pytest.raises(RuntimeError), transaction.atomic(), as_owner(connection):
        pass


def test_looking_at_the_plan_changes_nothing(transactional_db, capsys):
    call_command("migrate", "--plan")

    assert who() == "julia_app"
