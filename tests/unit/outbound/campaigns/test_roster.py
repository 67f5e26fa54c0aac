"""Files as people make them: separators, encodings, repetitions and nonsense, reported by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbound.campaigns.roster import BadRow, Row, RowProblem, decode, read
from outbound.methods import ContactKind

ANA = Row(line=2, phone="5511987654321", name="Ana")


@pytest.mark.parametrize(
    "text",
    [
        "telefone,nome\n11987654321,Ana\n",
        "telefone;nome\r\n(11) 98765-4321;Ana\r\n",
        "nome\tTelefone\nAna\t+55 11 98765-4321\n",
        'telefone,nome,obs\n"11 8765-4321"," Ana ",x\n',  # before the ninth digit
    ],
)
def test_the_same_person_however_it_is_written(text: str) -> None:
    assert read(text).rows == (ANA,)
    assert read(text).bad == ()


def test_a_line_that_adds_nobody_is_reported_and_the_others_are_kept() -> None:
    found = read(
        "telefone,nome,kind\n11987654321,Ana,\n11 98765-4321,De novo,\n,Sem,\n99,Curto,\n21987654321,Rui,divulgador\n"
        f"21987654322,Zé,amigo\n21987654323,{'x' * 121},\n\n"
    )

    assert found.rows == (ANA, Row(line=6, phone="5521987654321", name="Rui", kind=ContactKind.DIVULGADOR))
    assert found.bad == (
        BadRow(line=3, problem=RowProblem.REPEATED, of=2),
        BadRow(line=4, problem=RowProblem.NO_PHONE),
        BadRow(line=5, problem=RowProblem.IMPOSSIBLE_PHONE),
        BadRow(line=7, problem=RowProblem.UNKNOWN_KIND),
        BadRow(line=8, problem=RowProblem.BAD_NAME),
    )


@pytest.mark.parametrize("text", ["", "nome\nAna\n", "11987654321\n"])
def test_without_a_phone_column_nothing_is_guessed(text: str) -> None:
    assert read(text).rows == ()
    assert read(text).bad == (BadRow(line=1, problem=RowProblem.NO_PHONE_COLUMN),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_excels_encodings_are_read(encoding: str) -> None:
    data = "telefone;nome\n11987654321;João\n".encode(encoding)

    assert read(decode(data)).rows[0].name == "João"


@given(st.binary(max_size=300))
def test_no_file_is_more_than_a_list_of_bad_lines(data: bytes) -> None:
    read("telefone,nome\n" + decode(data))


@given(st.lists(st.integers(min_value=0, max_value=20), max_size=30))
def test_each_phone_comes_once_and_every_line_is_accounted_for(numbers: list[int]) -> None:
    found = read("telefone\n" + "".join(f"119876500{number:02}\n" for number in numbers))

    assert [row.phone for row in found.rows] == [f"55119876500{n:02}" for n in dict.fromkeys(numbers)]
    assert len(found.rows) + len(found.bad) == len(numbers)
    assert {row.problem for row in found.bad} <= {RowProblem.REPEATED}
