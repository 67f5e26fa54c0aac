"""What makes two messages the same one, and for how long (Gap C1; DESIGN: Outbox)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

import pytest

from outbound.dedupe import dedupe_key
from outbound.methods import Method, dedupe_window

ANA, OTHER = UUID(int=1), UUID(int=2)


def key(**changes) -> UUID:
    defaults = {
        "cliente_id": ANA,
        "method": Method.CAMPAIGN,
        "template_ref": None,
        "inbound_interaction_id": None,
        "text": "Oi",
    }
    return dedupe_key(**{**defaults, **changes})


def test_the_key_is_the_first_32_digits_of_sha256():
    expected = hashlib.sha256(b"00000000-0000-0000-0000-000000000001:campaign:text:Oi").hexdigest()[:32]

    assert key().hex == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"cliente_id": OTHER},
        {"method": Method.FOLLOWUP},
        {"text": "Olá"},
        {"template_ref": "t"},
        {"text": "template:t"},
    ],
)
def test_another_contact_method_or_content_is_another_message(changes):
    assert key(**changes) != key()


def test_a_template_is_the_same_whatever_its_text():
    assert key(template_ref="t", text="Oi Ana") == key(template_ref="t", text="Oi, Dra. Ana")


def test_a_reply_is_known_by_what_it_answers():
    reply = {"method": Method.REPLY, "inbound_interaction_id": OTHER}

    assert key(**reply, text="Sim") == key(**reply, text="Claro")
    assert key(**reply) != key(method=Method.REPLY, inbound_interaction_id=ANA)


@pytest.mark.parametrize(
    ("method", "minutes"),
    [
        ("campaign", 60),
        ("followup", 60),
        ("handoff", 60),
        ("reply", 5),
        ("button", 5),
        ("command", 5),
        ("manual", 10),
        ("reactivation", 120),
    ],
)
def test_each_method_has_its_window(method, minutes):
    assert dedupe_window(Method(method)) == timedelta(minutes=minutes)
