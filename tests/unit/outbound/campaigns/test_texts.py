"""A text's variables: known or refused, put in once, and never more than that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbound.campaigns.texts import LeftOut, Template, TextError, content_key

PRINTABLE = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=40)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Oi {nome}!", "Dra. Ana Souza", "Oi Dra. Ana Souza!"),
        ("Oi {primeiro_nome}!", "Dra. Ana Souza", "Oi Ana!"),
        ("Oi { primeiro_nome }!", "DR ANA", "Oi ANA!"),
        ("{hospital}, {valor}", "", "Santa Casa, R$ 2.000"),
        ("{{nome}}", "Ana", "{nome}"),  # a brace itself
        ("Oi {nome}", "Ana\u202e\nBia\t Lu", "Oi Ana Bia Lu"),  # no line breaks, nothing that turns text round
        ("Oi {nome}", "{hospital}", "Oi {hospital}"),  # what a name says is not read again
        ("Oi {primeiro_nome}", "Dra.", LeftOut.NO_NAME),
        ("Oi {nome}", "  ", LeftOut.NO_NAME),
    ],
)
def test_it_is_written_to_one_person(text: str, name: str, expected: str) -> None:
    template = Template.parse(text, {"hospital": "Santa Casa", "valor": "R$ 2.000"})

    assert template.render(name=name) == expected


@pytest.mark.parametrize(
    ("text", "variables", "problem", "names"),
    [
        ("", {}, "empty", ()),
        (" \n", {}, "empty", ()),
        ("{a}", {"a": "  "}, "bad_variable", ("a",)),
        ("x" * 4097, {}, "too_long", ()),
        ("{a}", {"a": "x" * 4097}, "too_long", ()),
        ("{apelido} {crm}", {}, "unknown_variable", ("apelido", "crm")),
        ("{nome.__class__}", {}, "unknown_variable", ("nome.__class__",)),
        ("{nome!r}", {}, "unknown_variable", ("nome!r",)),
        ("{}", {}, "unknown_variable", ("",)),
        ("Oi {nome", {}, "stray_brace", ()),
        ("Oi nome}", {}, "stray_brace", ()),
        ("x", {"nome": "Ana"}, "bad_variable", ("nome",)),  # it would hide the person's own
        ("x", {"a b": "1"}, "bad_variable", ("a b",)),
        ("x\x00", {}, "unstorable", ()),
    ],
)
def test_what_cannot_be_sent_is_an_error(
    text: str, variables: dict[str, str], problem: str, names: tuple[str, ...]
) -> None:
    with pytest.raises(TextError) as refused:
        Template.parse(text, variables)

    assert (refused.value.problem, refused.value.names) == (problem, names)


def test_whatsapps_limit_holds_with_the_name_in_it() -> None:
    template = Template.parse("x" * 4090 + "{nome}", {})

    assert template.render(name="Anabel") == "x" * 4090 + "Anabel"
    assert template.render(name="Anabela") == LeftOut.TEXT_TOO_LONG


@given(PRINTABLE, PRINTABLE, PRINTABLE)
def test_whatever_is_read_is_written_as_it_is_or_refused(before: str, value: str, name: str) -> None:
    text = before.replace("{", "{{").replace("}", "}}") + "|{v}|{nome}"
    if not value.strip():
        with pytest.raises(TextError, match="bad_variable"):
            Template.parse(text, {"v": value})
        return

    written = Template.parse(text, {"v": value}).render(name=name)

    clean = " ".join(name.split())
    assert written == (f"{before}|{value}|{clean}" if clean else LeftOut.NO_NAME)


def test_two_campaigns_are_the_same_by_text_and_variables() -> None:
    key = content_key("Oi {a}", {"a": "1", "b": "2"})

    assert content_key(" Oi {a}\n", {"b": "2", "a": "1"}) == key
    assert content_key("Oi {a}", {"a": "2", "b": "1"}) != key
    assert content_key("Oi {b}", {"a": "1", "b": "2"}) != key
