"""`manage.py canary`: the document's table, in Portuguese, and what is missing with its earliest time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from canary import flags
from canary.models import Incident, PhaseTransition
from tests.factories import rollout as make

NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _at_three_in_the_afternoon(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    with time_machine.travel(NOW, tick=False):
        yield


def run(*arguments: str) -> tuple[str, int]:
    """What the command writes, and its exit status."""
    out = StringIO()
    try:
        call_command("canary", *arguments, stdout=out)
    except SystemExit as exit_:
        return out.getvalue(), int(exit_.code or 0)
    return out.getvalue(), 0


def test_status_shows_the_documents_table_and_go():
    make.stable(10, now=NOW)

    words, status = run("status")

    assert status == 0
    for heading in ("Fase", "% Canary", "Status", "Pré-requisitos"):
        assert heading in words
    rows = [line.split() for line in words.splitlines() if "%" in line and "GO" in line]
    assert [(row[1], row[3], row[5]) for row in rows[:4]] == [
        ("A", "10%", "GO"),
        ("B", "25%", "GO"),
        ("C", "50%", "NO-GO"),
        ("D", "100%", "NO-GO"),
    ]
    assert "(atual)" in " ".join(rows[0])
    assert "GO: manage.py canary promote" in words


def test_status_says_what_is_missing_and_from_when_it_can_be_there():
    make.standing_at(10, since=NOW - timedelta(hours=1))
    Incident.objects.create(severity="P0", kind="duplicates", opened_at=NOW, opened_by="system", last_seen_at=NOW)

    words, status = run("status")

    assert status == 1
    assert "Aqui desde 25/11/2026 14:00; são necessárias 24 h." in words
    assert "Nenhuma medição entre 25/11/2026 14:00 e 25/11/2026 15:00." in words
    assert "P0 duplicates (aberto)" in words
    assert "manage.py drill kill_switch_campaigns" in words
    assert "0 mensagens (mínimo 50)." in words
    assert "0 erros em 0 tentativas: pode chegar a 100,00%; faltam 268 sem erro." in words
    assert "26/11/2026 14:00" in words
    assert "NO-GO: no mínimo até 26/11/2026 15:00" in words


def test_status_for_programs():
    make.standing_at(10, since=NOW - timedelta(hours=1))

    words, status = run("status", "--json")
    answer = json.loads(words)

    assert status == 1
    assert (answer["pct"], answer["phase"], answer["to_pct"], answer["go"]) == (10, "B", 25, False)
    assert answer["earliest_at"] == "2026-11-26T18:00:00+00:00"
    assert [(row["phase"], row["status"], row["current"]) for row in answer["phases"]] == [
        ("A", "GO", True),
        ("B", "NO-GO", False),
        ("C", "NO-GO", False),
        ("D", "NO-GO", False),
    ]
    assert answer["phases"][0]["prerequisites"]["guardrail_single_point"] is True


def test_at_a_hundred_percent_there_is_nothing_to_do():
    make.standing_at(100, since=NOW)

    words, status = run("status")

    assert status == 0
    assert "não há para onde crescer" in words


def test_promote_grows_and_says_so():
    make.stable(10, now=NOW)

    words, status = run("promote", "--reason", "24 h estáveis", "--actor", "ana")

    assert status == 0
    assert "de 10% para 25%" in words
    moved = PhaseTransition.objects.order_by("-id")[0]
    assert (moved.actor, moved.reason, moved.at) == ("ana", "24 h estáveis", NOW)


def test_promote_refuses_with_the_list_of_reasons_and_offers_no_force():
    make.standing_at(10, since=NOW)
    out = StringIO()

    with pytest.raises(CommandError, match="Não há como forçar"):
        call_command("canary", "promote", "--reason", "tenho pressa", stdout=out)

    assert "são necessárias 24 h" in out.getvalue()
    assert flags.read().canary_pct == 10
    with pytest.raises(CommandError, match="Não há como forçar"):
        call_command(
            "canary", "promote", "--force", "--reason", "tenho pressa", stdout=out
        )  # Django's own --force-color


def test_rollback_is_at_once():
    make.standing_at(50, since=NOW)

    words, status = run("rollback", "5", "--reason", "erros do provedor", "--json")

    assert status == 0
    assert json.loads(words) == {"from": 50, "to": 5}
    assert flags.read().canary_pct == 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rollback", "--reason", "erros"], "Informe o percentual"),
        (["rollback", "50", "--reason", "erros"], "percentual menor"),
        (["rollback", "75", "--reason", "erros"], "percentual menor"),
        (["rollback", "-1", "--reason", "erros"], "percentual menor|expected"),
        (["rollback", "10"], "informe --reason"),
        (["rollback", "10", "--reason", "ana@example.org pediu"], "informe --reason"),
        (["promote", "100", "--reason", "tenho pressa"], "Só o rollback"),
        (["status", "10"], "Só o rollback"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_sentence(arguments, words):
    make.standing_at(50, since=NOW)

    with pytest.raises(CommandError, match=words):
        call_command("canary", *arguments)

    assert flags.read().canary_pct == 50
    assert PhaseTransition.objects.count() == 1
