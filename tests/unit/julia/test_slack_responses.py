"""Answers go to Slack, or to the server that stands in for it, and nowhere else."""

from __future__ import annotations

from typing import Any

import pytest

from julia.slack.responses import is_slacks


@pytest.mark.parametrize(
    ("url", "is_theirs"),
    [
        ("https://hooks.slack.com/commands/T0/1/x", True),
        ("https://hooks.slack-gov.com/commands/T0/1/x", True),
        ("https://HOOKS.SLACK.COM:443/commands/T0/1/x", True),
        ("http://127.0.0.1:9999/response", True),  # where SLACK_API_URL is
        ("http://127.0.0.1:9998/response", False),
        ("https://127.0.0.1:9999/response", False),
        ("http://hooks.slack.com/commands/T0/1/x", False),  # in the open
        ("https://hooks.slack.com:8443/x", False),
        ("https://hooks.slack.com.example.org/x", False),
        ("https://evilslack.com/x", False),
        ("https://hooks.slack.com@example.org/x", False),
        ("https://example.org@hooks.slack.com/x", False),
        ("https://example.org/hooks.slack.com", False),
        ("http://169.254.169.254/latest/meta-data", False),
        ("file:///etc/passwd", False),
        ("https://[::1/x", False),
        ("https://hooks.slack.com:99999/x", False),
        ("//hooks.slack.com/x", False),
        ("", False),
    ],
)
def test_a_response_url_leads_to_slack(url: str, is_theirs: bool, settings: Any) -> None:  # noqa: FBT001 - a column
    settings.SLACK_API_URL = "http://127.0.0.1:9999/api/"

    assert is_slacks(url) is is_theirs
