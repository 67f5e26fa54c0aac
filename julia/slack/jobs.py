"""What RQ calls for Slack: each reads the clock and makes one call."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from django.db import close_old_connections
from django.utils import timezone

from julia.slack import alerts, client, dispatch, handover, outlook, responses, retention, words
from julia.slack.commands import Command
from julia.slack.payloads import Asker

# A send ends within its lease; after this, what is left is in doubt and for the reconciler.
PATIENCE = timedelta(minutes=2)
# One job holds its worker no longer than this: sends may be waiting for that very worker.
TURN_S = 1.0
LOOK_EVERY_S = 0.1
FORGET_EVERY_S = 3600


def follow_up(*, response_url: str, since: str, ends_at: str) -> None:
    """Tell that the sends in flight have ended, or look again with another job."""
    close_old_connections()
    now = timezone.now()
    watched_since = datetime.fromisoformat(since) if since else now
    last_look_at = datetime.fromisoformat(ends_at) if ends_at else now + PATIENCE
    left = _wait(watched_since)
    if left and now < last_look_at:
        handover.follow_up(response_url=response_url, since=watched_since.isoformat(), ends_at=last_look_at.isoformat())
        return
    responses.post(response_url, words.ended(left))


def carry_out(*, command: dict[str, Any], asker: dict[str, str], response_url: str) -> None:
    """Do a command that takes long, for who may, and answer it."""
    close_old_connections()
    answer = dispatch.carry_out(Command.from_json(command), asker=Asker(**asker), now=timezone.now())
    responses.post(response_url, answer)


def post_alert(*, title: str, text: str, incident_id: int) -> None:
    """Post an alert."""
    alerts.post(title=title, text=text, incident_id=incident_id)


def post_notice(*, text: str) -> None:
    """Post a line."""
    client.post(text=text)


def forget() -> None:
    """Let go of what the console no longer needs."""
    close_old_connections()
    retention.forget(now=timezone.now())


def _wait(since: datetime) -> int:
    ends_at = time.monotonic() + TURN_S
    while (left := outlook.in_flight(since=since)) and time.monotonic() < ends_at:
        time.sleep(LOOK_EVERY_S)
    return left
