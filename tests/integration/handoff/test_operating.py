"""What operators do: the switch as the document spells it, the bridges that wait, and the ways out of a mistake."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from canary.models import FeatureFlag, FeatureFlagChange
from handoff import metrics, switch
from handoff.models import ExternalHandoff, Vaga
from handoff.states import Decision
from handoff.steps import Step
from outbound.models import Contact
from tests.factories import handoff as bridges
from tests.factories import outbound as make

H = timedelta(hours=1)


@pytest.fixture(autouse=True)
def ready(outbox_ready: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "240")
    bridges.switch_on()


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def flag() -> dict[str, object]:
    value: dict[str, object] = FeatureFlag.objects.get(key="external_handoff").value
    return value


@pytest.mark.parametrize(
    ("words", "value", "said"),
    [
        (["on", "10"], {"enabled": True, "canary_pct": 10}, "LIGADO, 10 %"),
        (["on", "50"], {"enabled": True, "canary_pct": 50}, "LIGADO, 50 %"),
        (["on"], {"enabled": True, "canary_pct": 100}, "LIGADO, 100 %"),
        (["off"], {"enabled": False, "canary_pct": 25}, "DESLIGADO, 25 %"),
        (["status"], {"enabled": True, "canary_pct": 25}, "LIGADO, 25 %"),
    ],
)
def test_the_switch_is_spelt_as_in_the_document(words: list[str], value: dict[str, object], said: str) -> None:
    bridges.switch_on(pct=25)

    answer = run("toggle_ponte_externa", *words, "--actor", "ana")

    assert flag() == value
    assert said in answer
    changes = FeatureFlagChange.objects.filter(key="external_handoff")
    if words != ["status"]:
        assert [(change.actor, change.reason) for change in changes] == [
            ("ana", " ".join(["toggle_ponte_externa", *words, *(["100"] if words == ["on"] else [])]))
        ]


@pytest.mark.parametrize("words", [["on", "101"], ["on", "--", "-1"], ["on", "--reason", "ligar 11 98765-4321"]])
def test_the_switch_refuses_what_cannot_be(words: list[str]) -> None:
    bridges.switch_on(pct=25)

    with pytest.raises(CommandError):
        run("toggle_ponte_externa", *words)

    assert flag() == {"enabled": True, "canary_pct": 25}


def test_the_status_counts_what_is_open_and_waits(now: datetime) -> None:
    bridges.opened(now=now)

    status = switch.status()

    assert (status.open_bridges, status.waiting, status.changed) == (1, 2, False)


def test_the_list_shows_what_waits_the_oldest_first(now: datetime) -> None:
    for hospital, hours in (("Novo", 1), ("Antigo", 30), ("Meio", 3)):
        bridges.contacted(now=now - hours * H, shift=bridges.vaga(hospital=hospital))
    ended = bridges.contacted(now=now - 40 * H, shift=bridges.vaga(hospital="Passado"))
    bridges.decided(ended, Decision.CONFIRMED, now=now)

    everything, old = run("handoffs", "list"), run("handoffs", "list", "--older-than", "24")

    assert [word for word in everything.split() if word.strip(",") in {"Novo", "Antigo", "Meio", "Passado"}] == [
        "Antigo,",
        "Meio,",
        "Novo,",
    ]
    assert "Antigo" in old
    assert "Meio" not in old


def test_expiring_by_hand_opens_the_vaga_and_tells_both(now: datetime) -> None:
    handoff = bridges.contacted(now=now)

    run("handoffs", "expire", str(handoff.pk), "--reason", "divulgador sumiu", "--actor", "ana")

    handoff.refresh_from_db()
    handoff.vaga.refresh_from_db()
    assert (handoff.status, handoff.ended_via, handoff.ended_by, handoff.vaga.status) == (
        "expired",
        "operator",
        "ana",
        "aberta",
    )
    (event,) = make.events("handoff_expired")
    assert event.event_props["reason"] == "divulgador sumiu"
    assert handoff.messages.filter(step__in=[Step.DOCTOR_OUTCOME, Step.DIVULGADOR_OUTCOME]).count() == 2
    with pytest.raises(CommandError, match="a ponte está expired"):
        run("handoffs", "expire", str(handoff.pk), "--reason", "de novo")


def test_a_wrong_confirmation_is_reverted_the_vaga_opens_and_both_are_told(now: datetime) -> None:
    handoff = bridges.contacted(now=now)
    with pytest.raises(CommandError, match="a ponte está contacted"):
        run("handoffs", "revert", str(handoff.pk), "--reason", "engano")
    bridges.decided(handoff, Decision.CONFIRMED, now=now)
    # Before it was reverted he had not been told yet that it is confirmed: now he is told the one thing that is true.
    assert bridges.message(handoff, Step.DOCTOR_OUTCOME).status == "queued"

    run("handoffs", "revert", str(handoff.pk), "--reason", "clicou por engano", "--actor", "ana")

    handoff.refresh_from_db()
    handoff.vaga.refresh_from_db()
    assert (handoff.status, handoff.ended_by, handoff.vaga.status) == ("not_confirmed", "ana", "aberta")
    (event,) = make.events("handoff_not_confirmed")
    assert (event.event_props["reverted_from"], event.event_props["reason"]) == ("confirmed", "clicou por engano")
    assert bridges.message(handoff, Step.DOCTOR_OUTCOME).status == "blocked"
    assert "foi um engano" in bridges.message(handoff, Step.DOCTOR_REVERTED).text
    assert bridges.message(handoff, Step.DIVULGADOR_REVERTED).contact_id == handoff.divulgador_id
    # The vaga can be accepted again.
    assert bridges.opened(now=now, shift=handoff.vaga).status == "pending"


@pytest.mark.parametrize(("order", "status"), [("confirm", "confirmed"), ("refuse", "not_confirmed")])
def test_a_person_settles_what_needed_one(now: datetime, order: str, status: str) -> None:
    vaga = bridges.vaga(divulgador=bridges.divulgador(opted_out_at=now))
    bridges.accepted(vaga, make.contact(), now=now)
    handoff = ExternalHandoff.objects.get()

    run("handoffs", order, str(handoff.pk), "--reason", "combinado por telefone")

    handoff.refresh_from_db()
    assert (handoff.status, handoff.ended_via) == (status, "operator")


@pytest.mark.parametrize("reason", ["", " ", "liguei no 11 98765-4321"])
def test_an_order_without_a_reason_that_can_be_kept_changes_nothing(now: datetime, reason: str) -> None:
    handoff = bridges.contacted(now=now)

    with pytest.raises(CommandError, match="--reason"):
        run("handoffs", "expire", str(handoff.pk), "--reason", reason)

    handoff.refresh_from_db()
    assert handoff.status == "contacted"
    run("handoffs", "expire", str(handoff.pk), "--reason", "divulgador sumiu")


def test_unknown_bridges_are_named(now: datetime) -> None:
    with pytest.raises(CommandError, match="Nenhuma ponte"):
        run("handoffs", "expire", "066b501f-67ef-4ad4-988d-4af3600d191d", "--reason", "x")
    with pytest.raises(CommandError, match="Diga o id"):
        run("handoffs", "expire", "--reason", "x")


def test_a_vaga_is_registered_and_accepted_from_the_terminal(now: datetime) -> None:
    doctor = make.contact(phone="5511987654321")
    shift = ["--hospital", "Santa Casa", "--date", "2026-11-28", "--period", "noturno", "--value", "1800"]

    added = run("vagas", "add", *shift, "--divulgador", "(11) 91234-5678", "--name", "Carlos")
    vaga = Vaga.objects.get()
    answer = run("handoffs", "accept", str(vaga.pk), "11 98765-4321", "--reason", "aceitou por telefone")

    assert str(vaga.pk) in added
    assert "Santa Casa, Sábado, 28/11/2026, noturno, R$ 1.800,00" in run("vagas", "list")
    assert (vaga.divulgador.phone, vaga.divulgador.kind) == ("5511912345678", "divulgador")
    handoff = ExternalHandoff.objects.get()
    assert str(handoff.pk) in answer
    assert handoff.doctor == doctor
    with pytest.raises(CommandError, match="already_accepted"):
        run("handoffs", "accept", str(vaga.pk), "11 98765-4321", "--reason", "de novo")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"--hospital": " "}, "--hospital"),
        ({"--period": "n" * 101}, "--period"),
        ({"--value": "muito"}, "--value"),
        ({"--value": "-1"}, "--value"),
        ({"--value": "NaN"}, "--value"),
        ({"--divulgador": "12"}, "--divulgador"),
        ({"--divulgador": "11 98765-4321"}, "--divulgador"),  # a doctor's
    ],
)
def test_a_vaga_that_cannot_be_is_refused(changes: dict[str, str], problem: str) -> None:
    make.contact(phone="5511987654321")
    good = {
        "--hospital": "Santa Casa",
        "--date": "2026-11-28",
        "--period": "noturno",
        "--value": "1800",
        "--divulgador": "11 91234-5678",
    }

    with pytest.raises(CommandError, match=problem):
        run("vagas", "add", *[f"{name}={value}" for name, value in {**good, **changes}.items()])
    assert not Vaga.objects.exists()

    run("vagas", "add", *[f"{name}={value}" for name, value in good.items()])
    assert Vaga.objects.count() == 1


def test_a_divulgador_is_opted_out_and_back_in_from_the_terminal() -> None:
    carlos = bridges.divulgador(phone="5511912345678")

    run("contacts", "optout", "(11) 91234-5678", "--reason", "pediu por telefone")
    assert Contact.objects.get(pk=carlos.pk).opted_out_reason == "pediu por telefone"
    assert "Já estava" in run("contacts", "optout", "11 91234-5678", "--reason", "de novo")
    run("contacts", "optin", "11 91234-5678", "--reason", "pediu para voltar")

    assert Contact.objects.get(pk=carlos.pk).opted_out_at is None
    (event,) = make.events("contact_opted_in")
    assert event.event_props["reason"] == "pediu para voltar"


@pytest.mark.parametrize(
    ("phone", "reason", "problem"),
    [("12", "x", "não é um telefone"), ("11 99999-9999", "x", "Nenhum contato"), ("11 91234-5678", " ", "--reason")],
)
def test_an_opt_out_that_cannot_be_is_refused(phone: str, reason: str, problem: str) -> None:
    carlos = bridges.divulgador(phone="5511912345678")

    with pytest.raises(CommandError, match=problem):
        run("contacts", "optout", phone, "--reason", reason)

    assert Contact.objects.get(pk=carlos.pk).opted_out_at is None


def test_the_days_tell_how_many_were_confirmed_and_how_fast(now: datetime) -> None:
    # Noon in São Paulo, so that a day's hours are one day's there, too.
    noon = now.replace(hour=15, minute=0, second=0, microsecond=0) - timedelta(days=2)
    for hours, decision in ((1, Decision.CONFIRMED), (4, Decision.CONFIRMED), (2, Decision.NOT_CONFIRMED)):
        handoff = bridges.contacted(now=noon)
        bridges.decided(handoff, decision, now=noon + hours * H)
    bridges.contacted(now=noon + timedelta(days=1))

    first, second = metrics.by_day(since=noon - H, until=noon + timedelta(days=2))

    assert (first.day, first.opened, first.ended, first.confirmed, first.median_h) == (noon.date(), 3, 3, 2, 2.5)
    assert first.confirmation_rate == pytest.approx(2 / 3)
    assert (second.opened, second.ended, second.confirmation_rate, second.median_h) == (1, 0, None, None)


def test_the_charts_are_drawn_into_a_file(now: datetime, tmp_path: Path) -> None:
    handoff = bridges.contacted(now=now - 2 * H)
    bridges.decided(handoff, Decision.CONFIRMED, now=now - H)

    answer = run("handoffs", "--plot", str(tmp_path / "ponte.png"))

    assert (tmp_path / "ponte.png").read_bytes().startswith(b"\x89PNG")
    assert "1 dias com pontes" in answer
    with pytest.raises(CommandError, match="Não foi possível gravar"):
        run("handoffs", "--plot", str(tmp_path / "nowhere" / "ponte.png"))
    run("handoffs", "--plot", str(tmp_path / "nothing.png"), "--days", "0")
