"""A transaction in a pipeline stands or falls as a whole, and leaves a usable connection either way."""

from __future__ import annotations

import pytest
from django.db import Error, connection

from outbound.models import Contact
from outbound.pipelines import transaction_in_pipeline

INSERT = "INSERT INTO contacts (phone) VALUES ('5511999990000')"


class OurOwnError(Exception):
    """What code inside the transaction may raise."""


def _fail(how: str) -> None:
    with transaction_in_pipeline(), connection.cursor() as cursor:
        cursor.execute(INSERT)
        match how:
            case "a statement whose result is read":
                cursor.execute("SELECT 1/0")
                cursor.fetchall()
            case "the last statement":
                cursor.execute("SELECT 1/0")
            case "the code around it":
                raise OurOwnError
            case _:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
                cursor.fetchall()


@pytest.mark.parametrize(
    "how", ["a statement whose result is read", "the last statement", "the code around it", "the connection"]
)
def test_a_failure_writes_nothing_and_the_next_query_works(how: str, transactional_db: None) -> None:
    with pytest.raises((Error, OurOwnError)):
        _fail(how)

    assert not Contact.objects.exists()
    Contact.objects.create(phone="5511999990001")
    with transaction_in_pipeline(), connection.cursor() as cursor:
        cursor.execute(INSERT)
    assert Contact.objects.count() == 2


def test_it_refuses_to_be_an_inner_transaction(transactional_db: None) -> None:
    with transaction_in_pipeline(), pytest.raises(RuntimeError), transaction_in_pipeline():
        pass
