"""Fase A, Pré-requisitos: "Sem PII em eventos/logs | Regra R6 + telefone truncado".

Neither the events nor the log of a busy worker process show a name, a text, or more of a phone than its prefix; what
slips past the code is refused by the database.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import Error, connection, transaction

from outbound import legacy
from outbound.evolution.sandbox import RunningSandbox
from outbound.methods import ActorType, Channel, Method
from outbound.models import Contact, OutboundMessage
from tests import owner
from tests.acceptance.observing import by_status, is_quiet, logs
from tests.factories import outbound as make
from tests.waiting import wait_for

# What must not be seen anywhere: in names, in texts, in phones.
SECRETS = ("Quitéria", "quiteria@example.org", "123.456.789-09", "Ala Sul", "98111")


def _busy(sandbox: RunningSandbox, now: datetime) -> list[Contact]:
    """Everything that leaves an event: sends, retries, failures, doubts, refusals, deferrals, repeats, fallbacks."""
    get_user_model().objects.create_user("ana", is_staff=True)
    text = "Olá, Quitéria! Escreva para quiteria@example.org, CPF 123.456.789-09, Ala Sul, (11) 98111-2233"
    people = [make.contact(phone=f"55319811100{n:02}", name=f"Quitéria {n}") for n in range(12)]
    sandbox.set_faults(
        [
            f"status503:first=2:number={people[1].phone}",
            f"status503:number={people[2].phone}",
            f"reset_after:number={people[3].phone}",
            f"wrapped400_before:number={people[4].phone}",
        ]
    )
    people[5].opted_out_at = now
    people[6].cooling_off_until = now + timedelta(days=1)
    people[7].next_allowed_at = now + timedelta(days=1)
    for person in people:
        person.save(update_fields=["opted_out_at", "cooling_off_until", "next_allowed_at"])
        make.queued(person, now=now, text=text)
        make.enqueue(make.message(person, text=text), now=now)
    make.queued(
        people[5],
        now=now,
        text=text,
        method=Method.MANUAL,
        channel=Channel.SLACK,
        actor_type=ActorType.HUMAN,
        actor_id="ana",
        bypass_reason="pediu o contrato",
    )
    make.enqueue(make.reply(make.inbound(people[8], at=now), text=text), now=now)
    make.queued(people[9], now=now, text=text, method=Method.REPLY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        legacy.enviar_whatsapp("31 98111-0010", text)
    return people


def _everything_in_events() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, E'\\n') FROM business_events e")
        return str(cursor.fetchone()[0])


def test_a_busy_run_leaves_no_personal_data_in_events_and_logs(
    outbox_ready: None, sandbox: RunningSandbox, start_workers: Callable[..., Any], tmp_path: Path, now: datetime
) -> None:
    people = _busy(sandbox, now)
    start_workers(2, LOG_LEVEL="DEBUG")
    wait_for(lambda: by_status()["sent"] >= 6 and is_quiet(), what="draining")

    recorded, written = _everything_in_events(), logs(tmp_path)

    # The run was as busy as it was meant to be.
    assert {"sent", "failed", "unknown", "blocked", "queued"} <= set(by_status())
    for type_ in ("sent", "blocked", "deferred", "bypass", "deduped", "fallback"):
        assert f"outbound_{type_}" in recorded
    assert "outbound.jobs.drain" in written
    for place in (recorded, written):
        found = [secret for secret in SECRETS if secret.lower() in place.lower()]
        found += [person.phone for person in people if person.phone in place or person.phone[-8:] in place]
        assert found == []


def test_a_fallback_shows_five_digits_of_the_phone_and_who_called(outbox_ready: None, now: datetime) -> None:
    with pytest.warns(DeprecationWarning, match="enviar_whatsapp"):
        legacy.enviar_whatsapp("+55 31 98111-0010", "Oi")

    (event,) = make.events("outbound_fallback")
    assert event.event_props["telefone_prefix"] == "55319"
    assert re.fullmatch(r"[\w.]+test_a_fallback_shows_five_digits\w+", event.event_props["function"])
    assert OutboundMessage.objects.get().method == "followup"


INSERT = "INSERT INTO business_events (event_type, source, event_props) VALUES ('outbound_sent', 'test', %s::jsonb)"


@pytest.mark.parametrize(
    "props",
    [
        '{"a": "5511987654321"}',
        '{"a": "11 98765-4321"}',
        '{"a": "(11) 98765-4321"}',
        '{"a": "+55 11 98765-4321"}',
        '{"a": "1187654321"}',
        '{"a": 5511987654321}',
        '{"a": {"b": ["tel 11987654321"]}}',
        '{"11987654321": 1}',
        '{"a": "123.456.789-09"}',
        '{"a": "12345678909"}',
        '{"a": "quiteria@example.org"}',
        '{"a": "wa.me/5511987654321"}',
        '{"a": "5511987654321@s.whatsapp.net"}',
    ],
)
def test_the_database_refuses_an_event_that_looks_like_personal_data(props: str, outbox_ready: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, ['{"a": "3f2b8c1e-1111-4222-8333-123456789012", "id": "3EB0123456789012345678"}'])

        with pytest.raises(Error, match="business_events_no_personal_data"), transaction.atomic():
            cursor.execute(INSERT, [props])


def _is_refused(statement: str) -> None:
    """By the grants to the application, and by the trigger to the owner of the tables."""
    with pytest.raises(Error, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement)
    with owner.connect() as connected, pytest.raises(psycopg.Error, match="append-only"):
        connected.execute(statement.encode())


@pytest.mark.parametrize("change", ["UPDATE business_events SET source = 'x'", "DELETE FROM business_events"])
def test_events_and_the_history_of_the_switches_are_append_only(change: str, outbox_ready: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, ["{}"])
        cursor.execute(
            "INSERT INTO feature_flag_changes (key, before, after, actor, reason, changed_at)"
            " VALUES ('julia', '{}', '{}', 'ana', 'teste', now())"
        )

    _is_refused(change)
    _is_refused(change.replace("business_events", "feature_flag_changes").replace("source", "reason"))


def test_a_partition_is_as_append_only_as_the_whole(outbox_ready: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, ["{}"])
        cursor.execute("SELECT tableoid::regclass::text FROM business_events")
        (partition,) = cursor.fetchone()

    _is_refused(f"DELETE FROM {partition}")  # noqa: S608 - the catalogue's own name
