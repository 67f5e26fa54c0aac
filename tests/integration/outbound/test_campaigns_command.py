"""`manage.py campaigns`: from a draft to its results in the terminal, and every mistake in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from canary.models import FeatureFlag
from outbound.models import Campaign, OutboundMessage
from tests.factories import campaigns as make_campaign
from tests.factories import outbound as make

TEXT = "Oi {primeiro_nome}, plantão no {hospital}!"


def run(action: str, *arguments: str, why: str | None = "plantões") -> str:
    out = StringIO()
    told = [*arguments, "--reason", why, "--actor", "ana"] if why else arguments
    call_command("campaigns", action, *told, stdout=out, stderr=out)
    return out.getvalue()


def create(name: str = "Sexta", text: str = TEXT, *more: str) -> str:
    return run("create", name, "--text", text, "--var", "hospital=Santa Casa", *more)


def test_from_a_draft_to_its_results(outbox_ready: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    file = tmp_path / "medicos.csv"
    file.write_text("telefone;nome\n11987654321;Dra. Ana\n99;Zé\n", encoding="cp1252")

    assert "Rascunho feito" in create()
    imported = run("import", "Sexta", str(file))
    rehearsed = run("rehearse", "Sexta", why=None)
    assert "linha 3: nenhum telefone tem esse número" in imported
    assert "1 incluídas, 1 linhas" in imported
    assert "Oi Ana, plantão no Santa Casa!" in rehearsed
    assert "agora" in rehearsed
    assert not OutboundMessage.objects.exists()

    assert "Campanha: em curso" in run("start", "Sexta")
    assert OutboundMessage.objects.get().text == "Oi Ana, plantão no Santa Casa!"
    assert "Mensagens alteradas: 1" in run("pause", "Sexta")
    assert "campanha pausada" in run("status", "Sexta", why=None)
    run("resume", str(Campaign.objects.get().pk))
    assert "Mensagens alteradas: 1" in run("cancel", "Sexta")
    assert "0 pessoas responderam" in run("results", "Sexta", why=None)
    assert "cancelada" in run("list", why=None)


def test_watching_ends_with_the_campaign(outbox_ready: None, now: datetime) -> None:
    campaign = make_campaign.draft(make.contact(), now=now, name="Sexta")
    Campaign.objects.filter(pk=campaign.pk).update(state="done")

    assert "concluída" in run("status", "Sexta", "--watch", why=None)


def test_filters_choose_the_audience(outbox_ready: None) -> None:
    make.contact(phone="5511911112222")
    make.contact(phone="5521911112222")
    create()

    assert "1 incluídas" in run("audience", "Sexta", "--ddd", "21", "--kind", "medico", "--most", "10")


def test_every_mistake_is_told_and_changes_nothing(outbox_ready: None) -> None:
    make.contact()
    create()
    for refused, words in (
        (lambda: create("Outra", "Oi {apelido}"), "Variáveis desconhecidas: {apelido}"),
        (lambda: create("Outra", "x" * 4097), "4096 caracteres"),
        (lambda: create("Outra", " "), "O texto está vazio"),
        (lambda: create("Sexta"), "Já existe uma campanha"),
        (lambda: create("Outra", TEXT, "--start", "2026-11-27 10:00", "--end", "2026-11-27 09:00"), "O fim deve vir"),
        (lambda: create("Outra", TEXT, "--per-minute", "0"), "ritmo"),
        (lambda: run("schedule", "Sexta"), "Ninguém está no público"),
        (lambda: run("pause", "Sexta"), "a campanha está rascunho"),
        (lambda: run("cancel", "Sexta", why="liga 11 98765-4321"), "sem telefones"),
        (lambda: run("import", "Sexta", "nenhum.csv"), "nenhum.csv"),
        (lambda: run("start", "Domingo"), "Não existe essa campanha"),
    ):
        with pytest.raises(CommandError) as error:
            refused()
        assert words in str(error.value)
    assert Campaign.objects.get().state == "draft"


def test_the_phases_limits_are_explained(outbox_ready: None, now: datetime) -> None:
    make.contact()
    starts_at = timezone.localtime(now + timedelta(hours=1)).isoformat()
    create("Longa", TEXT, "--start", starts_at, "--hours", "3")
    run("audience", "Longa")
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": 10})

    with pytest.raises(CommandError, match="no máximo 120 minutos"):
        run("schedule", "Longa")
    FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": 25})
    assert "agendada" in run("schedule", "Longa")
    with pytest.raises(CommandError, match="A janela ainda não começou"):
        run("start", "Longa")
