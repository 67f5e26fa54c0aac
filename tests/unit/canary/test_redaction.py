"""What is logged or reported carries no personal data and no secret, wherever it came from."""

from __future__ import annotations

import json
import re
from functools import reduce
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canary import personal_data
from canary.redaction import clean, redact


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        # phones in all their forms
        ("no answer for 5511987654321", "no answer for [phone]"),
        ("ligar (11) 98765-4321 hoje", "ligar [phone] hoje"),
        ("5531987654321@s.whatsapp.net", "[e-mail]"),
        # the rest of a person
        ("ana.souza@hospital.com.br, 123.456.789-09", "[e-mail], [CPF]"),
        # secrets in headers, URLs and bodies
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer [secret]"),
        ("GET /handoff/confirm?t=eyJhIjoxfQ:1abc:xyz HTTP/1.1", "GET /handoff/confirm?t=[secret] HTTP/1.1"),
        ("postgresql://julia:hunter2@db:5432/julia", "postgresql://[secret]@db:5432/julia"),
        ('{"apikey": "0123-key", "event": "x"}', '{"apikey": "[secret]", "event": "x"}'),
        ("xoxb-123-456-abc", "[secret]"),
        # a row of a table, as PostgreSQL quotes it
        (
            'violates "contacts_phone"\nDETAIL:  Failing row contains (Ana, Olá, Ana!).',
            'violates "contacts_phone"\n[row]',
        ),
        # identifiers and reasons stay readable
        ("066b501f-67ef-4ad4-988d-4af3600d191d opted_out", "066b501f-67ef-4ad4-988d-4af3600d191d opted_out"),
        ("3EB0012345678901234567 HTTP 400 20/hour", "3EB0012345678901234567 HTTP 400 20/hour"),
    ],
)
def test_it_is_taken_out_and_the_rest_stays(text, redacted):
    assert redact(text) == redacted


def test_what_stands_under_a_private_name_is_removed_whatever_it_looks_like():
    record = {
        "event": "sent",
        "text": "Olá, Ana",
        "nested": [{"pushName": "Ana", "status": 201}],
        "EVOLUTION_API_KEY": "k",
        "attempts": 2,
        "number": 5511987654321,
        "digits": 5511987654321,
    }

    assert clean(record) == {
        "event": "sent",
        "text": "[removed]",
        "nested": [{"pushName": "[removed]", "status": 201}],
        "EVOLUTION_API_KEY": "[removed]",
        "attempts": 2,
        "number": "[removed]",
        "digits": "[phone]",
    }


AREAS, NUMBERS = st.integers(11, 99).filter(lambda area: area % 10), st.integers(900_000_000, 999_999_999)
FORMS = st.sampled_from(["{a}{n}", "55{a}{n}", "+55 {a} {n}", "({a}) {x}-{y}", "{a} {x} {y}", "0{a} {x}-{y}"])
SURROUNDINGS = st.text(st.characters(blacklist_categories=["Nd", "Cs"], blacklist_characters="."), max_size=20)


@given(AREAS, NUMBERS, FORMS, SURROUNDINGS, SURROUNDINGS)
def test_no_mobile_survives_in_any_usual_form(area, number, form, before, after):
    digits = str(number)
    phone = form.format(a=area, n=digits, x=digits[:5], y=digits[5:])

    redacted = redact(f"{before} {phone} {after}")

    assert phone not in redacted
    assert digits not in redacted


def quoted(times):
    return lambda text: reduce(lambda said, _: quote(said), range(times), text)


ESCAPES = st.sampled_from([*map(quoted, (1, 2, 3)), repr, json.dumps])
SPACES = st.sampled_from([" ", "\u00a0", "\t", "\u2009"])


@given(AREAS, NUMBERS, SPACES, ESCAPES)
def test_no_mobile_survives_being_escaped(area, number, space, escape):
    phone = f"+55 {area}{space}{number // 10_000}-{number % 10_000:04}"

    redacted = redact(f"GET /nada/{escape(phone + ' x')} HTTP/1.1")

    assert not re.search(f"{number // 10_000 % 10_000:04}.{number % 10_000:04}", redacted)


@given(st.text(max_size=200))
def test_nothing_that_was_redacted_looks_personal(text):
    assert personal_data.find_kind(redact(text)) is None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=20), st.lists, max_leaves=20))
def test_whatever_is_logged_can_be_cleaned(value):
    assert clean(clean(value)) == clean(value)
