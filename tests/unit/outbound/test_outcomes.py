"""What the provider's answers mean: told by what it says, since it wraps every failure in a 400."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbound.evolution.outcomes import Ambiguous, NotSent, Refused, SenderRefused, Sent, TooLate, classify


def error(status, message):
    return {"status": status, "error": "…", "response": {"message": message}}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (201, {"key": {"id": "3EB0AA"}}, Sent),  # the provider's own success
        (200, {"key": {"id": "3EB0AA"}}, Sent),  # a proxy may turn 201 into it
        (201, {"key": {}}, Ambiguous),  # it says yes, but not to what
        (201, {"key": {"id": ""}}, Ambiguous),  # the same
        (201, {"key": {"id": 7}}, Ambiguous),  # no id of theirs is a number
        (201, None, Ambiguous),  # cut off on the way
        (400, error(400, [{"jid": "…", "exists": False, "number": "…"}]), Refused),  # not on WhatsApp
        (400, error(400, [{"jid": "…", "exists": True, "number": "…"}]), Ambiguous),  # it is: something else failed
        (400, error(400, [['instance requires property "text"']]), Refused),  # the schema
        (400, error(400, ["Error: Connection Closed"]), Ambiguous),  # before or after it left, nobody knows
        (400, error(400, ["Error: Timed Out"]), Ambiguous),  # the same
        (400, error(400, []), Ambiguous),  # it says nothing
        (400, error(400, "something else"), Ambiguous),  # no form we know
        (400, None, Ambiguous),  # a proxy's, or cut off
        (401, error(401, "Unauthorized"), SenderRefused),  # our key is wrong: no message's fault
        (404, error(404, ['The "x" instance does not exist']), SenderRefused),  # our instance is gone
        (402, None, Refused),  # any other 4xx is final
        (403, None, Refused),  # the same
        (413, None, Refused),  # the same
        (422, None, Refused),  # the same
        (429, None, NotSent),  # turned away before the send routine
        (503, None, NotSent),  # the same
        (500, error(500, "Internal Server Error"), Ambiguous),  # may have left before it broke
        (502, None, Ambiguous),  # the proxy lost the answer
        (504, None, Ambiguous),  # the proxy stopped waiting
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


@given(st.sampled_from([400, 401, 404, 422, 429, 500]))
def test_what_is_kept_of_a_refusal_repeats_nothing_it_said(status):
    body = error(status, [{"jid": "5511987654321@s.whatsapp.net", "exists": False, "number": "5511987654321"}])

    outcome = classify(status=status, body=body, retry_after_s=None)

    assert not isinstance(outcome, Sent | TooLate)
    assert str(status) in outcome.error
    assert "5511987654321" not in repr(outcome)
