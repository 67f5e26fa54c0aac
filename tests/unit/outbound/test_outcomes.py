"""What the provider's answers mean: told by what it says, since it wraps every failure in a 400."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbound.evolution.outcomes import Ambiguous, NotSent, Refused, SenderRefused, Sent, classify


def error(status, message):
    return {"status": status, "error": "…", "response": {"message": message}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (201, {"key": {"id": "3EB0AA"}}, Sent),
        (200, {"key": {"id": "3EB0AA"}}, Sent),
        (201, {"key": {}}, Ambiguous),  # it says yes, but not to what
        (201, None, Ambiguous),
        (400, error(400, [{"jid": "…", "exists": False, "number": "…"}]), Refused),  # not on WhatsApp
        (400, error(400, [['instance requires property "text"']]), Refused),  # the schema
        (400, error(400, ["Error: Connection Closed"]), Ambiguous),  # before or after it left, nobody knows
        (400, error(400, "something else"), Ambiguous),
        (400, None, Ambiguous),
        (401, error(401, "Unauthorized"), SenderRefused),
        (404, error(404, ['The "x" instance does not exist']), SenderRefused),
        (403, None, Refused),
        (413, None, Refused),
        (429, None, NotSent),
        (503, None, NotSent),
        (500, error(500, "Internal Server Error"), Ambiguous),
        (502, None, Ambiguous),
        (504, None, Ambiguous),
        (302, None, Ambiguous),  # no answer we know
    ],
)  # fmt: skip
def test_an_answer_means(status, body, kind):
    assert isinstance(classify(status=status, body=body, retry_after_s=None), kind)


def test_retry_after_is_kept():
    outcome = classify(status=429, body=None, retry_after_s=7.0)

    assert isinstance(outcome, NotSent)
    assert outcome.retry_after_s == 7.0


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["key", "id", "response", "message"]), inner)
    ),
)


@given(st.integers(100, 599), json)
def test_no_answer_is_too_strange_and_none_without_an_id_is_sent(status, body):
    outcome = classify(status=status, body=body, retry_after_s=None)

    if isinstance(outcome, Sent):
        assert body["key"]["id"] == outcome.provider_message_id
