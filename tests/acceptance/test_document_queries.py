"""Painel Diário: the document's four core queries and the bonus one run as they stand there, over rows of a real run;
so do its security checks, and `manage.py health` runs the very same.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from canary import daily_panel
from outbound import legacy
from outbound.evolution.sandbox import RunningSandbox
from outbound.methods import Method
from outbound.rows import as_dicts
from tests.acceptance import document_sql
from tests.acceptance.observing import by_status, is_quiet
from tests.factories import outbound as make
from tests.waiting import wait_for


def _run(query: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return as_dicts(cursor)


@pytest.fixture
def a_day(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any], now: datetime
) -> dict[str, Any]:
    """A run in which everything happens that the document asks for: a name for each contact it happened to."""
    failing, gone, late = make.contact(), make.contact(opted_out_at=now), make.contact()
    sandbox.set_faults([f"status503:number={failing.phone}"])
    for person in (make.contact(), make.contact(), failing, gone):
        make.queued(person, now=now)
    make.enqueue(make.reply(make.inbound(late, at=now - timedelta(minutes=31))), now=now)
    unproved = make.contact()
    make.queued(unproved, now=now, method=Method.REPLY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        legacy.enviar_whatsapp("31 98111-0010", "Oi")
    start_workers(1)
    wait_for(lambda: by_status()["sent"] == 3 and is_quiet(), what="draining")
    return {"unproved": unproved.pk}


def test_q1_counts_events_and_people_by_type(a_day: dict[str, Any]) -> None:
    found = {row["event_type"]: (row["total"], row["clientes_unicos"]) for row in _run(document_sql.Q1)}

    assert found == {"outbound_sent": (3, 3), "outbound_blocked": (4, 4), "outbound_fallback": (1, 1)}


def test_q2_counts_refusals_by_reason_channel_and_method(a_day: dict[str, Any]) -> None:
    found = {
        (row["event_type"], row["razao"], row["canal"], row["metodo"]): row["total"] for row in _run(document_sql.Q2)
    }

    assert found == {
        ("outbound_blocked", "opted_out", "api", "campaign"): 1,
        ("outbound_blocked", "invalid_reply", "api", "reply"): 2,
        ("outbound_blocked", "provider_error", "api", "campaign"): 1,
    }


def test_q3_finds_the_reply_without_an_inbound_and_only_it(a_day: dict[str, Any]) -> None:
    (row,) = _run(document_sql.Q3)

    assert (row["cliente_id"], row["inbound_id"], row["razao"]) == (a_day["unproved"], None, "invalid_reply")


def test_q4_finds_the_provider_errors(a_day: dict[str, Any]) -> None:
    (row,) = _run(document_sql.Q4)

    assert (row["razao"], row["total"]) == ("provider_error", 1)


def test_q5_finds_who_still_uses_the_old_way_in(a_day: dict[str, Any]) -> None:
    (row,) = _run(document_sql.Q5)

    assert row["funcao"].endswith(".a_day")
    assert row["telefone_prefix"] == "55319"


@pytest.mark.parametrize(
    ("ours", "the_documents"),
    [
        ("q1_volume", document_sql.Q1),
        ("q2_blocked_and_bypassed", document_sql.Q2),
        ("q3_invalid_replies", document_sql.Q3),
        ("q4_provider_errors", document_sql.Q4),
        ("q5_fallback", document_sql.Q5),
        ("security/document_tables_granted_to_anon", document_sql.TABLES_GRANTED_TO_ANON),
        ("security/document_exposed_security_definers", document_sql.EXPOSED_FUNCTIONS),
    ],
)
def test_what_health_runs_is_the_documents_word_for_word(ours: str, the_documents: str) -> None:
    assert daily_panel.sql(ours) == the_documents


def test_the_security_checks_run_as_they_stand(db: None) -> None:
    for check in (document_sql.TABLES_GRANTED_TO_ANON, document_sql.EXPOSED_FUNCTIONS):
        assert [list(row.values()) for row in _run(check)] == [[0]]
