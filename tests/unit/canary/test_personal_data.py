"""'Sem PII em eventos/logs': what looks like personal data is found, and identifiers are not taken for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
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
        ("+5511 98765-4321", "phone"),
        ("11\u00a098765-4321", "phone"),
        ("11  98765 - 4321", "phone"),
        ("11/98765\u20134321", "phone"),
        ("11 987 654 321", "phone"),
        ("98765-4321", "phone"),
        ("\uff15\uff15\uff11\uff11\uff19\uff18\uff17\uff16\uff15\uff14\uff13\uff12\uff11", "phone"),  # of full width
        ("123 456 789 09", "CPF"),
        ("123456789-09", "CPF"),
        ("ana%40hospital.com.br", "e-mail"),
        ("/nada/11%C2%A098765-4321", "phone"),
        ("'11\\xa098765-4321'", "phone"),
        ('"11\\u00a098765-4321"', "phone"),
        ("%252B55%252011%252098765-4321", "phone"),
        ("?q=%20123.456.789-09", "CPF"),
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
        "9f0c5e0a6f1d4c589a0e0d3f4f6a7b10",  # a UUID without its dashes
        "vaga-2026-11",
        "99999999",
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


# As people write them, and as `phones.normalise` reads them.
OTHER_FORMS = (
    "{a} 9 {y}-{z}",
    "({a}) 9 {y}-{z}",
    "+55 {a} 9 {y} {z}",
    "({a}) 9.{y}-{z}",
    "0{a} 9{y}-{z}",
    "(0{a}) 9{y}-{z}",
)


@pytest.mark.parametrize("form", OTHER_FORMS)
def test_a_mobile_with_its_ninth_digit_apart_or_a_trunk_zero_is_found(form):
    assert find_kind("liga " + form.format(a=11, y=8765, z=4321) + ", por favor")


@given(st.integers(0, 10**11 - 1))
@example(12_345_678_909)
def test_a_cpf_is_found(number):
    digits = f"{number:011}"

    assert find_kind(f"CPF {digits[:3]}.{digits[3:6]}.{digits[6:9]}-{digits[9:]} conferido") == "CPF"


words = st.text("abcdefghijklmnopqrstuvwxyz0123456789._-", min_size=1, max_size=8).map(lambda word: f"x{word}x")


@given(words, words, st.sampled_from(["com", "com.br", "med.br"]))
def test_an_address_is_found(name, domain, end):
    assert find_kind(f"escreva para {name}@{domain}.{end} hoje")


@given(st.uuids())
def test_a_uuid_is_no_phone(identifier):
    assert find_kind(f"message {identifier} of {identifier.hex}") is None


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds it
def test_an_instant_is_no_phone(at):
    assert find_kind(at.isoformat()) is None


@given(st.integers(-99_999_999, 99_999_999))
def test_a_small_number_passes(number):
    refuse({"total": number})


@pytest.mark.parametrize("share", [0.5, 12.5, 1 / 3, 100 / 7])
def test_a_fraction_passes(share):
    refuse({"share": share})


@pytest.mark.parametrize(
    "value", ["11987654321", ["ok", "11987654321"], {"inner": {"deep": "11987654321"}}, 11987654321]
)
def test_a_phone_is_refused_however_deep(value):
    refuse({"motivo": "opted_out", "total": 3})

    with pytest.raises(PersonalDataError, match="'contato'") as refused:
        refuse({"motivo": "opted_out", "contato": value, "total": 3})

    assert "11987654321" not in str(refused.value)


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
