"""One request, one effect: whoever records a request first may act on it, in whatever process, at whatever moment."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError

from julia.slack.models import SlackRequest


class RepeatedError(RuntimeError):
    """The request was taken in before."""


def claim(*, key: str, now: datetime) -> None:
    """Take a request in, once, by a statement of its own.

    The record stays when the request fails: then nothing was done, and asking again is another request.

    Raises:
        RepeatedError: when it was taken in before.
    """
    try:
        SlackRequest.objects.create(key=key, received_at=now)
    except IntegrityError as error:
        raise RepeatedError from error
