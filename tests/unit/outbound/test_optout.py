"""Opting out by message: no explicit request is missed, and talk about shifts is not taken for one."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from outbound.optout import wants_back, wants_out

CORPUS = Path(__file__).parent / "optout_corpus"
MISREAD = "misread.tsv"
READ = sorted(path.name for path in CORPUS.glob("*.tsv") if path.name != MISREAD)


def labelled(wanted: str, *files: str) -> list[str]:
    lines = [line for file in files for line in (CORPUS / file).read_text(encoding="utf-8").splitlines()]
    return [phrase for label, phrase in (line.split("\t") for line in lines) if label == wanted]


ALL_OUT = labelled("out", *READ)
ALL_STAY = labelled("stay", *READ)


def test_the_corpus_is_large_enough_and_says_nothing_twice():
    everything = ALL_OUT + ALL_STAY + labelled("out", MISREAD) + labelled("stay", MISREAD)

    assert len(everything) >= 300
    assert len(set(everything)) == len(everything)


@pytest.mark.parametrize("file", READ)
def test_every_request_is_understood(file):
    assert [phrase for phrase in labelled("out", file) if not wants_out(phrase)] == []


@pytest.mark.parametrize("file", READ)
def test_talk_about_shifts_is_no_request(file):
    assert [phrase for phrase in labelled("stay", file) if wants_out(phrase)] == []


def test_what_is_known_to_be_misread_still_is():
    assert not any(map(wants_out, labelled("out", MISREAD)))
    assert all(map(wants_out, labelled("stay", MISREAD)))


# Each row: a request, what denies it, and what makes it one about something else.
@pytest.mark.parametrize(
    ("request_", "denied", "about_a_part"),
    [
        ("me tira da lista", "não precisa me tirar da lista", "me tira da escala"),
        ("parem de me mandar mensagem", "nunca parem de me mandar mensagem", "parem de me mandar mensagem hoje"),
        ("não quero mais receber vagas", "quero receber mais vagas", "não quero mais receber vagas de pediatria"),
        ("apaguem meu número", "não apaguem meu número", "apaguem meu número da escala"),
        ("vou bloquear esse número", "não vou bloquear esse número", "vou bloquear esse sábado"),
        ("cancela meu cadastro", "não cancela meu cadastro", "cancela meu cadastro no hospital"),
    ],
)
def test_a_request_is_taken_back_by_denial_and_by_its_object(request_, denied, about_a_part):
    assert wants_out(request_)
    assert not wants_out(denied)
    assert not wants_out(about_a_part)


@pytest.mark.parametrize(
    "slip",
    [
        "não quero mais recebr mensagens",  # a letter too few
        "não quero mais receeber menssagens",  # too many
        "me remoce dessa lista",  # a wrong one
        "descadrastar meu numero",  # two swapped, as many people do
        "para de me mnadar msg",
        "naoquero mais receber",  # no space
        "PAAAARE",
        "p a r e",
    ],
)
def test_slips_of_the_finger_are_put_right(slip):
    assert wants_out(slip)


@pytest.mark.parametrize(
    "stay",
    [
        "não quero testar contato com o sistema",  # not "tentar contato"
        "me indica uma lista de hospitais",
        "vou parir em maio, me chama depois",  # not "parar"
        "tirei dúvida com a colega",  # not "devida"
    ],
)
def test_other_words_are_no_slips(stay):
    assert not wants_out(stay)


@pytest.mark.parametrize("phrase", labelled("back", "back.txt"))
def test_opting_in_again_is_understood(phrase):
    assert wants_back(phrase)
    assert not wants_out(phrase)


def test_nobody_is_taken_back_against_his_will():
    assert [phrase for phrase in labelled("not back", "back.txt") + ALL_OUT if wants_back(phrase)] == []


decorations = st.sampled_from(["", "!", "!!!", ".", " 😡", " 🙏🏽", "\n", "   ", "…", " :("])


@given(st.sampled_from(ALL_OUT + ALL_STAY), decorations, st.sampled_from([str, str.upper, str.lower, str.title]))
def test_case_punctuation_and_emoji_say_nothing(phrase, decoration, case):
    assert wants_out(case(phrase) + decoration) == wants_out(phrase)


@given(st.sampled_from(ALL_OUT + ALL_STAY))
def test_accents_say_nothing(phrase):
    assert wants_out(unicodedata.normalize("NFD", phrase)) == wants_out(phrase)
    bare = "".join(c for c in unicodedata.normalize("NFD", phrase) if not unicodedata.combining(c))
    assert wants_out(bare) == wants_out(phrase) or "ñ" in phrase


@given(st.sampled_from(ALL_OUT), st.sampled_from(["Oi, bom dia! {}", "olá. {}", "Julia, {}", "{}\nObrigada"]))
def test_politeness_around_it_hides_no_request(phrase, politeness):
    assume(phrase != "p a r e" and not phrase.endswith(", para!"))

    assert wants_out(politeness.format(phrase))


@given(st.text(max_size=300))
def test_nobody_wants_both(text):
    assert not (wants_out(text) and wants_back(text))


@pytest.mark.parametrize(
    "text", ["para de " * 15_000, "não " * 30_000, "me tira da " * 10_000, "ab" * 50_000, "\u0301" * 100_000]
)
def test_a_long_text_is_read_all_the_same(text):
    assert wants_out(text) in {True, False}
