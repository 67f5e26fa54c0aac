"""What Slack sends is read as it is, and what is nothing of Slack's is refused in one way."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from julia.slack import payloads
from julia.slack.payloads import Asker, Click, InvalidPayloadError, Submission
from tests.factories import slack as make

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
KEYS = st.sampled_from(
    ["type", "actions", "view", "state", "values", "team", "user", "channel", "id", "value", "private_metadata"]
)


@pytest.mark.parametrize(
    ("command", "text", "line"),
    [
        ("/julia", "saude", "saude"),
        ("/saude", "", "saude "),
        ("/pausar_julia", "agora", "pausar_julia agora"),
        ("julia", "", ""),
    ],
)
def test_a_command_and_its_own_slash_are_the_same_line(command: str, text: str, line: str) -> None:
    asked = payloads.slash_command(make.slash(text, command=command, response_url="https://hooks.slack.com/x"))

    assert asked.line == line
    assert asked.asker == Asker(team_id="T0JULIA", channel_id="C0OPS", user_id="U0ANA")
    assert asked.response_url == "https://hooks.slack.com/x"


def test_a_click_and_a_sent_form_are_told_apart() -> None:
    click = payloads.interaction(make.clicked("confirm", value="7", response_url="https://hooks.slack.com/x"))
    form = payloads.interaction(make.submitted(phone="11987654321", text="Olá"))

    asker = Asker(team_id="T0JULIA", channel_id="C0OPS", user_id="U0ANA")
    assert click == Click(asker=asker, action="confirm", value="7", response_url="https://hooks.slack.com/x")
    assert form == Submission(asker=asker, fields={"phone": "11987654321", "text": "Olá"})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload=",
        b"payload=no",
        b"payload=" + b"[" * 100_000,
        urlencode({"payload": json.dumps({"type": "shortcut"})}).encode(),
        urlencode({"payload": json.dumps({"type": "block_actions", "actions": []})}).encode(),
        urlencode({"payload": json.dumps({"type": "block_actions", "actions": [{"action_id": 7}]})}).encode(),
        b"&".join(b"a=%d" % number for number in range(1000)),
    ],
)
def test_what_is_nothing_of_slacks_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidPayloadError):
        payloads.interaction(body)
    with pytest.raises(InvalidPayloadError):
        payloads.slash_command(body)


@given(st.dictionaries(KEYS, JSON | st.just("block_actions") | st.just("view_submission")))
def test_json_of_any_shape_is_read_or_refused(payload: dict[str, Any]) -> None:
    with suppress(InvalidPayloadError):
        payloads.interaction(urlencode({"payload": json.dumps(payload)}).encode())


@given(JSON, JSON, st.sampled_from(["block_actions", "view_submission"]))
def test_the_inside_of_an_interaction_may_be_anything(inner: Any, other: Any, kind: str) -> None:
    payload = {
        "type": kind,
        "actions": [{"action_id": "confirm", "value": inner}],
        "view": {"state": {"values": {"text": inner}}, "private_metadata": other},
        "team": other,
        "user": inner,
        "channel": other,
    }

    read = payloads.interaction(urlencode({"payload": json.dumps(payload)}).encode())

    assert isinstance(read, Click | Submission)


def test_the_same_request_has_the_same_name() -> None:
    body = make.slash("pausar_julia agora")

    first, again = payloads.replay_key(body=body, signature="v0=a"), payloads.replay_key(body=body, signature="v0=b")

    # Slack's own repeat is signed anew; another request has another trigger.
    assert first == again
    assert first != payloads.replay_key(body=make.slash("pausar_julia agora"), signature="v0=a")
    bare = b"command=%2Fjulia&text=pausar_julia"
    assert payloads.replay_key(body=bare, signature="v0=a") != payloads.replay_key(body=bare, signature="v0=b")
