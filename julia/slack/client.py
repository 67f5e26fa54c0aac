"""Posting to Slack: alerts and summaries, in three seconds or not at all, and never in anybody's way.

Without a token what would be posted is logged, so that development sees it.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from django.conf import settings

logger = logging.getLogger(__name__)

TIMEOUT_S = 3


class NotPostedError(Exception):
    """Slack surely did not post it: it was never asked, or said no."""


def post(*, text: str, blocks: list[Any] | None = None, channel: str | None = None, raising: bool = False) -> None:
    """Post a message, to the channel of alerts where none is named; what goes wrong is logged.

    With `raising` it says so, where it is sure that nothing was posted: after no answer in time nobody knows, and to
    post it again might be to post it twice.

    Raises:
        NotPostedError: with `raising` only.
    """
    channel = channel or settings.SLACK_ALERT_CHANNEL
    if not (settings.SLACK_BOT_TOKEN and channel):
        logger.info("Slack is not configured (SLACK_BOT_TOKEN, SLACK_ALERT_CHANNEL); it would have said: %s", text)
        return
    try:
        _send(text=text, blocks=blocks, channel=channel)
    except NotPostedError as error:
        logger.warning("Slack did not post: %s", error)
        if raising:
            raise
    except (OSError, HTTPException) as error:
        logger.warning("Slack did not answer (%s): nobody knows whether it posted.", type(error).__name__)


def _send(*, text: str, blocks: list[Any] | None, channel: str) -> None:
    # Imported where it is needed: most commands never post, and it takes a while.
    from slack_sdk import WebClient  # noqa: PLC0415
    from slack_sdk.errors import SlackApiError, SlackClientError  # noqa: PLC0415

    # Its own retries would post again what may have been posted.
    client = WebClient(
        token=settings.SLACK_BOT_TOKEN, base_url=settings.SLACK_API_URL, timeout=TIMEOUT_S, retry_handlers=[]
    )
    try:
        client.chat_postMessage(channel=channel, text=text, blocks=blocks)
    except SlackApiError as error:
        if error.response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ConnectionError from error
        raise NotPostedError(error.response.get("error", error.response.status_code)) from error
    except (URLError, SlackClientError) as error:
        # No connection, or no request: what fails after it was sent is another error.
        raise NotPostedError(type(error).__name__) from error
