from __future__ import annotations

import logging
import sys

import pytest

from handoff.redaction import HidingFormatter, hide

TOKEN = "eyJoIjoiOGQy:2VES6u5jiJMthYhGo8rr"


@pytest.mark.parametrize(
    ("line", "hidden"),
    [
        (f"GET /handoff/confirm?t={TOKEN} HTTP/1.1", "GET /handoff/confirm?t=[hidden] HTTP/1.1"),
        (f"<WSGIRequest: GET '/handoff/confirm?t={TOKEN}'>", "<WSGIRequest: GET '/handoff/confirm?t=[hidden]'>"),
        (
            f"https://x.example/handoff/confirm?a=1&t={TOKEN}&b=2",
            "https://x.example/handoff/confirm?a=1&t=[hidden]&b=2",
        ),
        ("/handoff/confirm?t=", "/handoff/confirm?t="),
        ("GET /readyz?t=1", "GET /readyz?t=1"),
    ],
)
def test_the_token_of_a_link_is_hidden(line, hidden):
    assert hide(line) == hidden


def test_a_traceback_is_hidden_too():
    try:
        raise ValueError(f"/handoff/confirm?t={TOKEN}")
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, "", 0, "failed: %s", (f"/handoff/confirm?t={TOKEN}",), sys.exc_info()
        )

    line = HidingFormatter().format(record)

    assert TOKEN not in line
    assert line.count("[hidden]") >= 2
    assert TOKEN in logging.Formatter().format(record)
