"""`manage.py health`: the daily panel for people and programs, its exit status, and the picture."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from canary import events
from canary.event_types import EventType
from canary.models import HealthSnapshot, Incident, PhaseTransition
from julia.processes import BASE_DIR
from outbound import heartbeats
from tests import owner

SECTIONS = [
    "volume",
    "guardrails",
    "invalid_replies",
    "provider_errors",
    "fallback",
    "duplicates",
    "opted_out",
    "security",
]
LEAKY_FUNCTION = """
    CREATE FUNCTION leak() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT 1';
    GRANT EXECUTE ON FUNCTION leak() TO anon
"""


@pytest.fixture
def healthy(db: None, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Julia of which nothing bad is to be said, and a terminal that is wide enough."""
    monkeypatch.setenv("COLUMNS", "200")
    heartbeats.beat(name=heartbeats.WORKER, now=now)


def health(*arguments: str) -> tuple[int, str]:
    """The exit status, and what was written."""
    out = StringIO()
    try:
        call_command("health", *arguments, stdout=out)
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue()
    return 0, out.getvalue()


def record(type_: EventType, *, at: datetime, conversation_id: UUID | None = None, **props: str) -> None:
    event = events.Event(
        type=type_, at=at, source="test", cliente_id=uuid4(), conversation_id=conversation_id, props=props
    )
    with transaction.atomic():
        events.emit([event])


def test_everything_is_shown_with_what_to_look_for(healthy, now):
    record(EventType.OUTBOUND_SENT, at=now)

    status, words = health()

    assert status == 0
    assert "outbound_to_opted_out" in words
    for number in range(1, 6):
        assert f"Q{number}:" in words
    assert "opted_out deve ser a razão mais comum de bloqueio." in words
    assert "Resultado deve ser VAZIO" in words
    assert all(f"health {name}" in words for name in SECTIONS)


@pytest.mark.parametrize("name", SECTIONS)
def test_each_part_is_shown_alone(healthy, name):
    status, answer = health(name, "--json")

    found = json.loads(answer)
    assert status == 0
    assert found["status"] == "OK"
    assert {section["name"] for section in found["sections"]} == {name}


def test_a_part_brings_the_metric_that_judges_it(healthy, now):
    record(EventType.OUTBOUND_BLOCKED, at=now, block_reason="timeout")

    status, answer = health("provider_errors", "--json")

    found = json.loads(answer)
    assert (status, found["status"]) == (1, "ALERT")
    assert list(found["metrics"]) == ["provider_error_rate"]
    (section,) = found["sections"]
    assert (section["rows"][0]["razao"], section["rows"][0]["total"]) == ("timeout", 1)


def test_a_reply_without_an_inbound_message_alerts_by_itself(healthy, now):
    proof = {"method": "reply", "inbound_interaction_id": str(uuid4()), "block_reason": "circuit_open"}
    record(EventType.OUTBOUND_BLOCKED, at=now, conversation_id=uuid4(), **proof)
    assert health("invalid_replies")[0] == 0

    record(EventType.OUTBOUND_BLOCKED, at=now, conversation_id=None, **proof)

    # No conversation: the document's query finds it, though the guardrail called it nothing of the kind.
    assert health("invalid_replies")[0] == 1
    assert health()[0] == 1


def test_a_window_of_other_hours_is_looked_at_for_so_many(healthy, now):
    record(EventType.OUTBOUND_FALLBACK, at=now - timedelta(hours=30), function="antigo.enviar")
    assert health("fallback")[0] == 0

    status, words = health("fallback", "--hours", "36")

    assert status == 1
    assert "antigo.enviar" in words


def test_a_long_list_is_cut_for_people_and_whole_for_programs(healthy, now):
    for number in range(23):
        record(EventType.OUTBOUND_FALLBACK, at=now, function=f"antigo_{number}")

    _status, words = health("fallback")
    _status, answer = health("fallback", "--json")

    assert words.count("antigo_") == 20
    assert "mais 3" in words
    assert len(json.loads(answer)["sections"][0]["rows"]) == 23


@pytest.mark.parametrize("hours", ["0", "-3", "99999999999"])
def test_hours_that_no_calendar_has_are_refused(healthy, hours):
    with pytest.raises(CommandError, match="--hours"):
        health(f"--hours={hours}")


def test_what_is_written_in_events_is_shown_as_it_is(healthy, now):
    record(EventType.OUTBOUND_FALLBACK, at=now, function="[bold]x[/nothing]")

    assert "[bold]x[/nothing]" in health("fallback")[1]


@pytest.mark.parametrize(
    ("spoil", "mend", "check"),
    [
        # The document's own query shows nobody but a table's owner what others were granted.
        ("GRANT SELECT ON drills TO anon", "REVOKE ALL ON drills FROM anon", "outsiders_rights"),
        (LEAKY_FUNCTION, "DROP FUNCTION leak()", "document_exposed_security_definers"),
    ],
)
def test_what_anon_may_do_alerts(healthy, spoil, mend, check):
    assert health("security")[0] == 0

    with owner.connect() as connection:
        connection.execute(spoil)
        try:
            status, answer = health("security", "--json")
        finally:
            connection.execute(mend)

    assert status == 1
    found = {row["verificação"]: row["encontradas"] for row in json.loads(answer)["sections"][0]["rows"]}
    assert found[check] == 1


def test_what_never_was_is_null_for_programs(db):
    status, answer = health("worker_heartbeat", "--json")

    assert status == 1
    assert json.loads(answer)["metrics"]["worker_heartbeat"]["value"] is None


# --- The picture --------------------------------------------------------------------------------------------------


@pytest.fixture
def a_history(healthy: None, now: datetime) -> None:
    """A day in which the percentage grew and something went wrong."""
    for number in range(12 * 24):
        at = now - timedelta(minutes=5 * number)
        readings = {
            "queue_age": _kept(float(number), is_ok=number < 120),
            "provider_error_rate": _kept(0.002, is_ok=True),
            "worker_heartbeat": _kept(None if number == 5 else 3.0, is_ok=number != 5),
        }
        HealthSnapshot.objects.create(taken_at=at, since=at - timedelta(minutes=5), readings=readings)
    PhaseTransition.objects.create(from_pct=10, to_pct=25, at=now - timedelta(hours=6), actor="ana", reason="ok")
    opened = {"opened_at": now - timedelta(hours=3), "opened_by": "julia", "last_seen_at": now}
    Incident.objects.create(severity="P1", kind="queue_age", **opened)


def _kept(value: float | None, *, is_ok: bool) -> dict[str, Any]:
    return {"value": value, "is_ok": is_ok, "shown": str(value), "part": None, "whole": None}


def test_the_picture_shows_metrics_limits_phases_and_incidents(a_history, tmp_path):
    file = tmp_path / "saude.svg"

    status, words = health("--plot", str(file))

    drawn = file.read_text(encoding="utf-8")
    assert (status, words.strip()) == (0, str(file))
    for text in ("Idade da fila", "limite &lt; 120 s", "10 %", "25 %", "P1 queue_age", "violada em 168 de 288"):
        assert text in drawn, text


def test_the_picture_of_nothing_says_so(healthy, tmp_path):
    file = tmp_path / "saude.svg"

    health("--plot", str(file))

    drawn = file.read_text(encoding="utf-8")
    for text in ("sem retratos", "nenhum incidente", "nenhuma mudança de fase registrada"):
        assert text in drawn, text


def test_a_picture_for_the_screen_is_as_wide_as_one(a_history, tmp_path):
    file = tmp_path / "saude.PNG"

    health("--plot", str(file), "--hours", "168")

    picture = file.read_bytes()
    assert picture.startswith(b"\x89PNG\r\n")
    assert (int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")) == (1540, 946)


@pytest.mark.parametrize("name", ["saude", "saude.pdf", "saude.jpg"])
def test_a_picture_of_another_kind_is_refused(healthy, tmp_path, name):
    with pytest.raises(CommandError, match=r"\.png e \.svg"):
        health("--plot", str(tmp_path / name))


def test_a_folder_that_is_not_there_is_named(healthy, tmp_path):
    with pytest.raises(CommandError, match="gravar"):
        health("--plot", str(tmp_path / "nowhere" / "saude.png"))


def test_health_loads_no_plots_unless_asked():
    program = (
        "import django, sys; django.setup(); import canary.management.commands.health; "
        "assert 'canary.plots' in sys.modules; assert 'matplotlib' not in sys.modules"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=BASE_DIR, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
