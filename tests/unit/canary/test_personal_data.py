"""'Sem PII em eventos/logs': what looks like personal data is found, and identifiers are not taken for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canary.personal_data import PersonalDataError, find_kind, phone_prefix, refuse


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("5511987654321", "phone"),
        ("+55 (11) 98765-4321", "phone"),
        ("ligar 11 98765 4321 hoje", "phone"),
        ("(11)98765.4321", "phone"),
        ("1133334444", "phone"),
        ("5511987654321@s.whatsapp.net", "phone"),
        ("123.456.789-09", "CPF"),
        ("12345678909", "phone"),
        ("ana.souza@hospital.com.br", "e-mail"),
    ],
)
def test_personal_data_is_found(text, kind):
    assert find_kind(text) == kind


@pytest.mark.parametrize(
    "text",
    [
        "opted_out",
        "00000000-0000-0000-1111-222233334444",
        "3EB0012345678901234567",
        "2026-11-23T16:32:18.123456+00:00",
        "2026-11-23 16:32",
        "HTTP 400: the number is not on WhatsApp",
        "55119",
        "20/hour,100/day",
        "no answer: ServerDisconnectedError",
        "R$ 1.800,00",
    ],
)
def test_identifiers_and_reasons_pass(text):
    assert find_kind(text) is None


USUAL_FORMS = ("{a}{n}", "({a}) {n}", "+55 {a} {n}", "55{a}{n}", "{a} {x}-{y}", "({a}) {x} {y}")
areas = st.integers(11, 99).filter(lambda area: area % 10)
mobiles = st.integers(900_000_000, 999_999_999)


@given(areas, mobiles, st.sampled_from(USUAL_FORMS))
def test_a_mobile_is_found_in_every_usual_form(area, number, form):
    digits = str(number)

    assert find_kind("liga " + form.format(a=area, n=digits, x=digits[:5], y=digits[5:]) + ", por favor")


def test_a_refusal_names_the_property_and_never_the_value():
    with pytest.raises(PersonalDataError) as refused:
        refuse({"method": "campaign", "motivo": "ligar para 11 98765-4321"})

    assert "motivo" in str(refused.value)
    assert "98765" not in str(refused.value)


def test_numbers_are_looked_at_too():
    with pytest.raises(PersonalDataError):
        refuse({"telefone": 5511987654321})


def test_a_prefix_has_five_digits():
    assert phone_prefix("5511987654321") == "55119"
