"""The log as a process writes it: one JSON object a line in production, and nothing about persons in any of them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from julia import logs

AS_IN_PRODUCTION = """
import logging, logging.config
from julia import logs
logging.config.dictConfig(logs.configuration(level="INFO", in_production=True))
"""


def written_by(code: str) -> list[dict[str, Any]]:
    """What a process that logs as production does writes for some code."""
    done = subprocess.run(
        [sys.executable, "-c", AS_IN_PRODUCTION + code], capture_output=True, text=True, encoding="utf-8", check=True
    )
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_record_is_one_line_of_json_whatever_it_holds():
    (record,) = written_by("logging.getLogger('outbound').warning('two\\nlines, and %s', '5511987654321')")

    assert record["event"] == "two\nlines, and [phone]"
    assert (record["level"], record["logger"]) == ("warning", "outbound")
    assert record["timestamp"].endswith("Z")


RAISING = """
try:
    raise ValueError('Key (phone)=(5511987654321) exists\\nDETAIL:  Failing row contains (Ana, "Olá!").')
except ValueError:
    logging.getLogger("django.request").exception("Internal Server Error: %s", "/handoff/confirm?t=abc:def")
"""


def test_an_exception_is_one_record_and_says_nothing_about_persons():
    (record,) = written_by(RAISING)

    assert record["event"] == "Internal Server Error: /handoff/confirm?t=[secret]"
    assert "ValueError: Key (phone)=([phone]) exists\n[row]" in record["exception"]
    assert "Traceback" in record["exception"]


BOUND = """
import structlog
with structlog.contextvars.bound_contextvars(trace_id="066b501f-67ef-4ad4-988d-4af3600d191d", text="Olá, Ana"):
    logging.getLogger("outbound").info("sent")
"""


def test_what_is_bound_to_the_context_is_in_every_record():
    (record,) = written_by(BOUND)

    assert record["trace_id"] == "066b501f-67ef-4ad4-988d-4af3600d191d"
    assert record["text"] == "[removed]"


ATTACHED = """
logging.getLogger("canary.traces").info(
    "outbound_sent", extra={"trace_ids": ["066b501f-67ef-4ad4-988d-4af3600d191d"], "request": "POST Ana", "status": "x"}
)
"""


def test_a_message_is_found_by_its_trace_id_and_nothing_else_that_is_attached_is_shown():
    (record,) = written_by(ATTACHED)

    assert record["event"] == "outbound_sent"
    assert record["trace_ids"] == ["066b501f-67ef-4ad4-988d-4af3600d191d"]
    assert set(record) == {"event", "level", "logger", "timestamp", "trace_ids", "status"}


def test_what_cannot_be_written_is_not_shown_as_it_was_given():
    done = subprocess.run(
        [sys.executable, "-c", AS_IN_PRODUCTION + "logging.getLogger('x').info('%s %s', '5511987654321')"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stderr == "A record of x could not be written.\n"


def test_sentry_hears_of_the_error_and_of_nobody():
    event = {
        "exception": {"values": [{"type": "ValueError", "value": "no answer for 11 98765-4321"}]},
        "request": {
            "method": "POST",
            "url": "https://julia.example/handoff/confirm?t=abc",
            "headers": {"Authorization": "Bearer x", "Cookie": "sessionid=y"},
            "data": {"text": "Olá, Ana"},
        },
        "extra": {"pushName": "Ana", "attempts": 2},
        "event_id": "9f0c5e0a6f1d4c589a0e0d3f4f6a7b10",
    }

    assert logs.without_personal_data(event, {}) == {
        "exception": {"values": [{"type": "ValueError", "value": "no answer for [phone]"}]},
        "request": {"method": "POST", "url": "https://julia.example/handoff/confirm"},
        "extra": {"pushName": "[removed]", "attempts": 2},
        "event_id": "9f0c5e0a6f1d4c589a0e0d3f4f6a7b10",
    }


def test_the_web_server_writes_no_line_for_a_request_as_a_link_carries_its_token():
    assert written_by("logging.getLogger('gunicorn.access').info('GET /handoff/confirm?t=abc:def')") == []
