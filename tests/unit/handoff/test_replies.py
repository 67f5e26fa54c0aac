"""'Keywords': accents, case and small talk do not matter; promises, doubts and contradictions decide nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.replies import LONGEST, read, read_choice
from handoff.states import Decision

CORPUS = Path(__file__).parent / "replies_corpus" / "phrases.tsv"
LABELS = {"yes": Decision.CONFIRMED, "no": Decision.NOT_CONFIRMED, "none": None}
PHRASES = [line.split("\t") for line in CORPUS.read_text(encoding="utf-8").splitlines()]
SMALL_TALK = ("oi", "bom dia", "obrigada", "ok", "valeu", "Julia")


def test_the_corpus_is_large_and_has_all_classes():
    counts = Counter(label for label, _phrase in PHRASES)

    assert len(PHRASES) == len({phrase for _label, phrase in PHRASES}) >= 170
    assert min(counts.values()) >= 35


@pytest.mark.parametrize(("label", "phrase"), PHRASES)
def test_a_phrase_is_read_as_it_is_labelled(label, phrase):
    assert read(phrase.replace("\\n", "\n")) is LABELS[label]


@given(
    st.sampled_from([row for row in PHRASES if row[0] != "none"]),
    st.sampled_from(SMALL_TALK),
    st.sampled_from(SMALL_TALK),
)
def test_small_talk_around_a_decision_changes_nothing(row, before, after):
    label, phrase = row

    # A bare "não confirmado" decides only as the whole message.
    expected = {LABELS[label], None} if "confirmad" in phrase.lower() and label == "no" else {LABELS[label]}
    assert read(f"{before}! {phrase}. {after}") in expected


@given(st.sampled_from([row for row in PHRASES if row[0] != "none"]), st.sampled_from(["não sei", "ainda", "vou ver"]))
def test_doubt_anywhere_undoes_a_decision(row, doubt):
    assert read(f"{row[1]}. {doubt}") is None
    assert read(f"{doubt}, {row[1]}") is None


@given(st.sampled_from(["CONFIRMADO", "não fechou"]), st.integers(min_value=0, max_value=2**32))
def test_case_does_not_matter(phrase, seed):
    mixed = "".join(letter.upper() if seed >> at & 1 else letter.lower() for at, letter in enumerate(phrase))

    assert read(mixed) is read(phrase) is not None


@given(st.text(max_size=400))
def test_anything_can_be_read(text):
    assert read(text) in {None, *Decision}
    assert (read_choice(text) or 1) >= 1


def test_a_long_story_decides_nothing():
    assert read("confirmado" + " obrigado" * 20) is Decision.CONFIRMED
    assert read("confirmado" + " obrigado" * LONGEST) is None


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("1", 1),
        ("2", 2),
        ("a 2", 2),
        ("o 1, por favor", 1),
        ("opção 2", 2),
        ("número 3!", 3),
        ("é a 1", 1),
        ("o primeiro", 1),
        ("terceira", 3),
        ("12", 12),
        ("2?", None),  # asks
        ("1 e 2", None),  # two of them
        ("dia 1", None),  # a date
        ("a segunda", None),  # Monday, too
        ("0", None),
        ("confirmado 1", None),
        ("19h", None),
        ("28/11", None),
        ("sim", None),
        ("", None),
    ],
)
def test_a_choice_is_a_number_and_nothing_else(text, choice):
    assert read_choice(text) == choice
