"""What makes two messages the same one, and for how long (Gap C1; DESIGN: Outbox)."""

from __future__ import annotations

from uuid import UUID

import pytest

from outbound.dedupe import dedupe_key
from outbound.methods import Method

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


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # printf %s "CONTACT:METHOD:CONTENT" | sha256sum | cut -c1-32, worked out in the shell
        ({}, "c210acb2ff86367ce25cc738e63ac2b9"),
        ({"template_ref": "vaga-7"}, "d982bb155cbfa18393f570b3d7ccd9d9"),
        ({"method": Method.REPLY, "inbound_interaction_id": OTHER}, "8a5ce92c0fe98c855646be4f44bfb9b2"),
    ],
)
def test_the_key_is_the_first_32_digits_of_sha256(changes, expected):
    assert key(**changes).hex == expected


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


def test_an_inbound_message_identifies_replies_only():
    asked = {"method": Method.BUTTON, "text": "Sim"}

    assert key(**asked, inbound_interaction_id=OTHER) == key(**asked)
