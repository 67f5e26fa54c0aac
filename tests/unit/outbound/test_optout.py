"""Opting out by message: no explicit request is missed, and talk about shifts is not taken for one."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbound.optout import wants_back, wants_out

CORPUS = Path(__file__).parent / "optout_corpus"


def labelled(wanted: str, *files: str) -> list[str]:
    lines = [line for file in files for line in (CORPUS / file).read_text(encoding="utf-8").splitlines()]
    return [phrase for label, phrase in (line.split("\t") for line in lines) if label == wanted]


ALL_OUT = labelled("out", "tuned.tsv", "held_out.tsv")
ALL_STAY = labelled("stay", "tuned.tsv", "held_out.tsv")


def test_the_corpus_is_large_enough_and_says_nothing_twice():
    everything = ALL_OUT + ALL_STAY

    assert len(everything) >= 300
    assert len(set(everything)) == len(everything)


@pytest.mark.parametrize("phrase", ALL_OUT)
def test_a_request_is_understood(phrase):
    assert wants_out(phrase)


@pytest.mark.parametrize("phrase", ALL_STAY)
def test_talk_about_shifts_is_no_request(phrase):
    assert not wants_out(phrase)


@pytest.mark.parametrize("phrase", labelled("back", "back.txt"))
def test_opting_in_again_is_understood(phrase):
    assert wants_back(phrase)
    assert not wants_out(phrase)


@pytest.mark.parametrize("phrase", labelled("not back", "back.txt") + ALL_OUT)
def test_nobody_is_taken_back_against_his_will(phrase):
    assert not wants_back(phrase)


decorations = st.sampled_from(["", "!", "!!!", ".", " 😡", " 🙏🏽", "\n", "   ", "…", " :("])


@given(st.sampled_from(ALL_OUT + ALL_STAY), decorations, st.sampled_from([str, str.upper, str.lower, str.title]))
def test_case_punctuation_and_emoji_say_nothing(phrase, decoration, case):
    assert wants_out(case(phrase) + decoration) == wants_out(phrase)


@given(st.sampled_from(ALL_OUT + ALL_STAY))
def test_accents_say_nothing(phrase):
    assert wants_out(unicodedata.normalize("NFD", phrase)) == wants_out(phrase)
    bare = "".join(c for c in unicodedata.normalize("NFD", phrase) if not unicodedata.combining(c))
    assert wants_out(bare) == wants_out(phrase) or "ñ" in phrase


@given(st.text(max_size=300))
def test_nobody_wants_both(text):
    assert not (wants_out(text) and wants_back(text))


@pytest.mark.parametrize(
    "text", ["para de " * 15_000, "não " * 30_000, "me tira da " * 10_000, "a" * 100_000, "\u0301" * 100_000]
)
def test_a_long_text_is_read_all_the_same(text):
    assert wants_out(text) in {True, False}
