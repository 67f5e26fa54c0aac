"""What people write in Slack is understood as they mean it, and nothing they write breaks anything."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from julia.slack.commands import Action, Command, DrillName, Malformed, Name, Unknown, parse

PHONE = "5511987654321"


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("", Command(name=Name.HELP)),
        ("ajuda", Command(name=Name.HELP)),
        ("status", Command(name=Name.STATUS)),
        ("/status_julia", Command(name=Name.STATUS)),  # Slack keeps /status for itself
        ("Saúde", Command(name=Name.HEALTH)),
        ("incidentes", Command(name=Name.INCIDENTS)),
        ("handoffs", Command(name=Name.HANDOFFS)),
        # Stopping, with or without asking back, with or without a reason.
        ("pausar_julia", Command(name=Name.PAUSE)),
        ("  PAUSAR_JULIA  ", Command(name=Name.PAUSE)),
        ("pausar_julia agora", Command(name=Name.PAUSE, at_once=True)),
        (
            "pausar_julia Agora! mensagens  estranhas",
            Command(name=Name.PAUSE, at_once=True, reason="mensagens estranhas"),
        ),
        ("pausar_julia mensagens estranhas", Command(name=Name.PAUSE, reason="mensagens estranhas")),
        ("toggle_campanhas off agora", Command(name=Name.CAMPAIGNS, action=Action.OFF, at_once=True)),
        ("toggle_campanhas off feriado", Command(name=Name.CAMPAIGNS, action=Action.OFF, reason="feriado")),
        ("toggle_ponte_externa off", Command(name=Name.BRIDGE, action=Action.OFF)),
        ("canary reduzir 10 agora", Command(name=Name.CANARY, action=Action.REDUCE, pct=10, at_once=True)),
        ("canary reduzir 0%", Command(name=Name.CANARY, action=Action.REDUCE, pct=0)),
        # Starting asks back, always.
        ("retomar_julia resolvido", Command(name=Name.RESUME, reason="resolvido")),
        ("retomar_julia agora", Malformed(name=Name.RESUME)),
        ("toggle_campanhas on agora", Malformed(name=Name.CAMPAIGNS)),
        ("toggle_ponte_externa on agora", Malformed(name=Name.BRIDGE)),
        ("canary promover agora", Malformed(name=Name.CANARY)),
        # The document's own: Ponte Externa, Ativação Gradual.
        ("toggle_ponte_externa status", Command(name=Name.BRIDGE, action=Action.STATUS)),
        ("toggle_ponte_externa on 10", Command(name=Name.BRIDGE, action=Action.ON, pct=10)),
        ("toggle_ponte_externa on 50 piloto", Command(name=Name.BRIDGE, action=Action.ON, pct=50, reason="piloto")),
        ("toggle_ponte_externa on", Command(name=Name.BRIDGE, action=Action.ON, pct=100)),
        ("toggle_ponte_externa on 0", Malformed(name=Name.BRIDGE)),
        ("toggle_ponte_externa on 101", Malformed(name=Name.BRIDGE)),
        ("toggle_ponte_externa on 1e1", Malformed(name=Name.BRIDGE)),
        ("toggle_ponte_externa on \u0661\u0660", Malformed(name=Name.BRIDGE)),  # ten, in digits nobody here types
        # Its default is to tell.
        ("toggle_campanhas", Command(name=Name.CAMPAIGNS, action=Action.STATUS)),
        ("canary", Command(name=Name.CANARY, action=Action.STATUS)),
        ("toggle_campanhas promover", Malformed(name=Name.CAMPAIGNS)),
        ("toggle_campanhas talvez", Malformed(name=Name.CAMPAIGNS)),
        ("canary promover", Command(name=Name.CANARY, action=Action.PROMOTE)),
        ("canary reduzir", Malformed(name=Name.CANARY)),
        ("canary on", Malformed(name=Name.CANARY)),
        ("drill kill_switch_julia", Command(name=Name.DRILL, drill=DrillName.KILL_SWITCH_JULIA)),
        ("drill all", Command(name=Name.DRILL, drill=DrillName.ALL)),
        ("drill tudo", Malformed(name=Name.DRILL)),
        # Phones as they are typed, and as Slack makes links of them.
        ("explicar 11987654321", Command(name=Name.EXPLAIN, phone=PHONE)),
        ("explicar (11) 98765-4321", Command(name=Name.EXPLAIN, phone=PHONE)),
        ("explicar +55 11 98765 4321", Command(name=Name.EXPLAIN, phone=PHONE)),
        ("explicar <tel:+5511987654321|+55 11 98765-4321>", Command(name=Name.EXPLAIN, phone=PHONE)),
        ("explicar", Malformed(name=Name.EXPLAIN)),
        ("explicar 12", Malformed(name=Name.EXPLAIN)),
        ("explicar Ana", Malformed(name=Name.EXPLAIN)),
        ("optout 11 98765-4321 pediu na ligação", Command(name=Name.OPT_OUT, phone=PHONE, reason="pediu na ligação")),
        ("optout 11987654321 2 reclamações", Command(name=Name.OPT_OUT, phone=PHONE, reason="2 reclamações")),
        ("enviar", Command(name=Name.SEND)),
        ("enviar 11987654321", Command(name=Name.SEND, phone=PHONE)),
        (
            "enviar 11987654321 motivo pediu o contrato texto Olá!\nSegue o contrato.",
            Command(name=Name.SEND, phone=PHONE, reason="pediu o contrato", text="Olá!\nSegue o contrato."),
        ),
        ("enviar 11987654321 texto Olá", Command(name=Name.SEND, phone=PHONE, text="Olá")),
        ("enviar 11987654321 Olá", Malformed(name=Name.SEND)),
        ("enviar motivo x texto y", Malformed(name=Name.SEND)),
    ],
)
def test_a_line_is_read_as_it_is_meant(line: str, meant: object) -> None:
    assert parse(line) == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        # The document's "QUANDO USAR".
        ("desativa campanhas", Command(name=Name.CAMPAIGNS, action=Action.OFF)),
        ("para as campanhas", Command(name=Name.CAMPAIGNS, action=Action.OFF)),
        ("liga campanhas", Command(name=Name.CAMPAIGNS, action=Action.ON)),
        ("como tá a Julia?", Command(name=Name.STATUS)),
        ("Como está a Júlia", Command(name=Name.STATUS)),
        ("Para as campanhas agora, por favor!", Command(name=Name.CAMPAIGNS, action=Action.OFF, at_once=True)),
        ("“desativa campanhas”", Command(name=Name.CAMPAIGNS, action=Action.OFF)),
        ("pausa a Julia já", Command(name=Name.PAUSE)),
        ("para tudo agora", Command(name=Name.PAUSE, at_once=True)),
        ("volta a Julia", Command(name=Name.RESUME)),
        ("desliga a ponte externa", Command(name=Name.BRIDGE, action=Action.OFF)),
        ("liga a ponte", Command(name=Name.BRIDGE, action=Action.ON, pct=100)),
    ],
)
def test_spoken_forms_are_understood(said: str, meant: Command) -> None:
    assert parse(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "não para as campanhas",
        "liga para a Julia",  # "call Julia", and not "switch her on"
        "quem desativa campanhas",
        "para as campanhas liga a Julia",
        "como tá o tempo?",
    ],
)
def test_what_only_sounds_like_a_command_is_none(said: str) -> None:
    assert isinstance(parse(said), Unknown)


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("pausa_julia", "pausar_julia"),
        ("retomar", "retomar_julia"),
        ("toggle_campanha off", "toggle_campanhas"),
        ("ponte_externa on 10", "toggle_ponte_externa"),
        ("saude24h", "saude"),
        ("incidente", "incidentes"),
        ("/canari status", "canary"),
    ],
)
def test_the_nearest_command_is_named(line: str, nearest: str) -> None:
    assert parse(line) == Unknown(nearest=nearest)


@given(st.one_of(st.text(), st.builds("{} {}".format, st.sampled_from(list(Name)), st.text())))
def test_nothing_that_is_written_raises(line: str) -> None:
    parsed = parse(line)

    assert isinstance(parsed, Command | Unknown | Malformed)
    if isinstance(parsed, Command):
        # What cannot be stored is taken out, and a confirmation gives back what it kept.
        assert "\x00" not in parsed.reason + parsed.text
        assert Command.from_json(parsed.as_json()) == parsed


@given(st.text())
def test_only_stops_are_done_without_asking_back(rest: str) -> None:
    for name in Name:
        parsed = parse(f"{name} {rest}")
        if isinstance(parsed, Command) and parsed.at_once:
            assert parsed.is_stop or parsed.action is Action.REDUCE


def test_reading_commands_ask_nothing_back() -> None:
    commands = [parsed for name in Name if isinstance(parsed := parse(name), Command)]

    assert {str(command.name) for command in commands if command.is_reading} == {
        "ajuda", "canary", "handoffs", "incidentes", "saude", "status", "toggle_campanhas", "toggle_ponte_externa"
    }  # fmt: skip
