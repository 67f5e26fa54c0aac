"""One canonical number for one person, whatever was typed or sent, and the JID WhatsApp knows him by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbound.phones import InvalidPhoneError, jid, normalise, normalise_all


@pytest.mark.parametrize(
    "raw",
    [
        "5531987654321",
        "+55 31 98765-4321",
        "(31) 98765-4321",
        "31987654321",
        "3187654321",
        "553187654321",
        "031 8765-4321",
    ],
)
def test_one_person_has_one_number(raw):
    assert normalise(raw) == "5531987654321"


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("1133334444", "551133334444"),  # a landline has no ninth digit
        ("55987654321", "5555987654321"),  # area code 55, not the country
        ("5587654321", "5555987654321"),  # the same, without the ninth digit
        ("055987654321", "5555987654321"),  # the same, dialled with the trunk's zero
        ("5533334444", "555533334444"),  # a landline there
        ("+55 55 98765-4321", "5555987654321"),
        ("+1 415 555 2671", "14155552671"),  # abroad
        ("+351 912 345 678", "351912345678"),
    ],
)
def test_other_numbers_keep_their_form(raw, canonical):
    assert normalise(raw) == canonical


@pytest.mark.parametrize("raw", ["", "abc", "123", "0" * 12, "5511" + "9" * 40, "+55 00 98765-4321", "5500000000000"])
def test_what_no_phone_has_is_refused_without_repeating_it(raw):
    with pytest.raises(InvalidPhoneError) as refused:
        normalise(raw)

    assert not raw or raw not in str(refused.value)


@given(st.integers(11, 99), st.integers(70_000_000, 99_999_999))
def test_normalising_twice_changes_nothing(area, number):
    try:
        once = normalise(f"{area}9{number}")
    except InvalidPhoneError:
        return  # no such area
    assert normalise(once) == once
    assert normalise(f"{area}{number}") == once


@pytest.mark.parametrize("raw", ["1133334444", "5533334444", "55987654321", "+55 31 8765-4321"])
def test_a_canonical_number_is_its_own_form(raw):
    assert normalise(normalise(raw)) == normalise(raw)


@pytest.mark.parametrize("raw", ["+34 912 345 678", "+1 415 555 2671", "+351 912 345 678"])
def test_a_number_from_abroad_is_read_with_its_plus(raw):
    assert normalise(f"+{normalise(raw)}") == normalise(raw)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_number_or_refused(raw):
    try:
        number = normalise(raw)
    except InvalidPhoneError:
        return
    assert number.isascii()
    assert number.isdecimal()
    assert len(number) <= 15


@pytest.mark.parametrize(
    ("phone", "identity"),
    [
        ("5531987654321", "553187654321"),  # the specification's examples
        ("5511987654321", "5511987654321"),
        ("5528987654321", "5528987654321"),  # just below area code 31
        ("5530987654321", "5530987654321"),
        ("5531967654321", "5531967654321"),  # the digit after the 9 is below 7
        ("5531969999999", "5531969999999"),
        ("5531970000000", "553170000000"),
        ("5599987654321", "559987654321"),
        ("5531977654321", "553177654321"),
        ("551133334444", "551133334444"),
        ("14155552671", "14155552671"),
    ],
)
def test_the_jid_is_the_providers(phone, identity):
    assert jid(phone) == f"{identity}@s.whatsapp.net"


def test_a_list_may_hold_everybody():
    assert normalise_all(["*", "11 98765-4321"]) == {"*", "5511987654321"}
