"""Only what Slack signed with our secret, within five minutes of now, is genuine; nothing anybody sends raises."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from julia.slack.signature import is_genuine
from tests.factories.slack import SECRET, sign

NOW = datetime(2026, 11, 25, 18, 0, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
BODY = b"command=%2Fjulia&text=status"


def genuine(signed_body: bytes = BODY, *, at: float = NOW_S, secret: str = SECRET, **changes: Any) -> bool:
    signed = sign(signed_body, at=at)
    given_ = {"body": signed.body, "timestamp": signed.timestamp, "signature": signed.signature}
    return is_genuine(**{**given_, "secret": secret, "now": NOW, **changes})


def test_slacks_own_example_is_genuine() -> None:
    # https://docs.slack.dev/authentication/verifying-requests-from-slack, with the date of its timestamp.
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name="
        b"foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2F"
        b"hooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015"
        b".47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    given_: dict[str, Any] = {
        "timestamp": "1531420618",
        "secret": SECRET,
        "now": datetime.fromtimestamp(1531420618, UTC),
    }

    assert is_genuine(body=body, signature=signature, **given_)
    assert not is_genuine(body=body + b" ", signature=signature, **given_)


@pytest.mark.parametrize(
    ("age_s", "is_fresh"), [(0, True), (300, True), (301, False), (-300, True), (-301, False), (86400, False)]
)
def test_five_minutes_either_way_and_no_more(age_s: int, is_fresh: bool) -> None:  # noqa: FBT001 - a column
    assert genuine(at=NOW_S - age_s) is is_fresh


@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "another"},
        {"secret": ""},  # not configured: nobody is let in
        {"secret": "  "},
        {"body": b"command=%2Fjulia&text=pausar_julia"},
        {"timestamp": None},
        {"timestamp": ""},
        {"timestamp": "agora"},  # the SDK raises on it
        {"timestamp": f" {NOW_S}"},  # int() reads these as numbers
        {"timestamp": f"{NOW_S}\n"},
        {"timestamp": "1_764_093_600"},
        {"timestamp": "\uff19" * 10},
        {"timestamp": "9" * 5000},
        {"timestamp": f"-{NOW_S}"},
        {"signature": None},
        {"signature": ""},
        {"signature": "v0="},
        {"signature": "v1=" + "0" * 64},
        {"signature": "v0=" + "é" * 64},  # the comparison raises on it
        {"body": b"\xff\xfe"},
    ],
)
def test_one_thing_wrong_is_enough(changes: dict[str, Any]) -> None:
    assert genuine()

    assert not genuine(**changes)


def test_a_signed_body_that_is_no_text_is_refused() -> None:
    assert not genuine(b"\xff\xfe")


@given(body=st.binary(), timestamp=st.none() | st.text(), signature=st.none() | st.text())
def test_nothing_forged_is_genuine_or_raises(body: bytes, timestamp: str | None, signature: str | None) -> None:
    assert not is_genuine(body=body, timestamp=timestamp, signature=signature, secret=SECRET, now=NOW)
