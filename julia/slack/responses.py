"""Answers through a `response_url`, which goes to Slack and nowhere else."""

from __future__ import annotations

import logging
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from slack_sdk.webhook import WebhookClient

from julia.slack.answers import Answer

logger = logging.getLogger(__name__)

TIMEOUT_S = 5
SLACK_HOSTS = ("slack.com", "slack-gov.com")


def post(url: str, answer: Answer) -> bool:
    """Post an answer; False when it could not be. The URL is never logged: whoever knows it may post, too."""
    if not is_slacks(url):
        logger.warning("A response_url does not lead to Slack; nothing was posted there.")
        return False
    # Its own retries would post again what may have been posted.
    try:
        response = WebhookClient(url, timeout=TIMEOUT_S, retry_handlers=[]).send_dict(answer.as_message())
    except (OSError, HTTPException) as error:
        logger.warning("Slack did not take an answer (%s).", type(error).__name__)
        return False
    if response.status_code != HTTPStatus.OK:
        logger.warning("Slack did not take an answer (%s).", response.status_code)
    return response.status_code == HTTPStatus.OK


def is_slacks(url: str) -> bool:
    """Whether a URL leads to Slack by https, or to the server that SLACK_API_URL names."""
    try:
        parts, api = urlsplit(url), urlsplit(settings.SLACK_API_URL)
        # A port out of range shows only when it is asked for.
        given, configured = _origin(parts), _origin(api)
    except ValueError:
        return False
    if parts.username or parts.password:
        return False
    scheme, host, port = given
    is_theirs = any(host == name or host.endswith(f".{name}") for name in SLACK_HOSTS)
    return (scheme == "https" and is_theirs and port in {None, 443}) or (bool(host) and given == configured)


def _origin(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, parts.hostname or "", parts.port
