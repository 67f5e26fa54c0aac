"""What is left to a worker, by RQ: what takes longer than Slack waits, and what is told later.

A job's description stands in logs, so it names neither a phone nor a `response_url`; nothing of it is kept for long.
"""

from __future__ import annotations

import logging
from typing import Any

import django_rq
import redis.exceptions

from julia.slack.commands import Command
from julia.slack.payloads import Asker

logger = logging.getLogger(__name__)

# What is short runs beside the sending; a drill would wait there for the very worker that runs it.
SHORT_QUEUE = "periodic"
QUEUE = "console"
# A drill of everything takes minutes.
TIMEOUT_S = 1800
KEPT_S = 3600


def follow_up(*, response_url: str, since: str = "", ends_at: str = "") -> bool:
    """Have it told when the sends in flight have ended; instants are ISO 8601, and the first turn sets them.

    False when no worker can be asked.
    """
    arguments = {"response_url": response_url, "since": since, "ends_at": ends_at}
    return _enqueue(SHORT_QUEUE, "julia.slack.jobs.follow_up", arguments)


def carry_out(command: Command, *, asker: Asker, response_url: str) -> bool:
    """Have a worker do a command and answer it; False when no worker can be asked, and so nothing is done."""
    who = {"team_id": asker.team_id, "channel_id": asker.channel_id, "user_id": asker.user_id}
    arguments = {"command": command.as_json(), "asker": who, "response_url": response_url}
    return _enqueue(QUEUE, "julia.slack.jobs.carry_out", arguments)


def alert(*, title: str, text: str, incident_id: int) -> bool:
    """Have an alert posted; False when no worker can be asked."""
    arguments = {"title": title, "text": text, "incident_id": incident_id}
    return _enqueue(SHORT_QUEUE, "julia.slack.jobs.post_alert", arguments)


def notice(*, text: str) -> bool:
    """Have a line posted; False when no worker can be asked."""
    return _enqueue(SHORT_QUEUE, "julia.slack.jobs.post_notice", {"text": text})


def _enqueue(queue: str, job: str, arguments: dict[str, Any]) -> bool:
    try:
        django_rq.get_queue(queue).enqueue(
            job, kwargs=arguments, description=job, job_timeout=TIMEOUT_S, result_ttl=0, failure_ttl=KEPT_S, ttl=KEPT_S
        )
    except redis.exceptions.RedisError as error:
        logger.warning("No worker could be asked for Slack, Redis does not answer (%s).", type(error).__name__)
        return False
    return True
