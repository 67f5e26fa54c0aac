"""Critical commands ask back: the question is a row, and its answer a conditional UPDATE.

Valid for five minutes, for who asked, once; whoever clicks too late, again, or for somebody else is told so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from julia.slack.commands import Command
from julia.slack.models import SlackConfirmation

VALID_FOR = timedelta(minutes=5)


class Why(StrEnum):
    """Why a click counts for nothing."""

    UNKNOWN = "unknown"
    SOMEBODY_ELSES = "somebody_elses"
    CONFIRMED_BEFORE = "confirmed_before"
    CANCELLED_BEFORE = "cancelled_before"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """A click that counts for nothing: whose question it is, and when it was decided or ran out."""

    why: Why
    actor: str = ""
    at: datetime | None = None


def ask(command: Command, *, slack_user_id: str, actor: str, now: datetime) -> UUID:
    """Keep a command until its asker decides; answer the id that his buttons carry."""
    question = SlackConfirmation.objects.create(
        slack_user_id=slack_user_id,
        actor=actor,
        command=command.as_json(),
        asked_at=now,
        expires_at=now + VALID_FOR,
    )
    return question.pk


def decide(*, id_: str, slack_user_id: str, is_confirmed: bool, now: datetime) -> Command | Void:
    """Decide a question, once and in time, and answer the command; or why the click counts for nothing."""
    key = _uuid(id_)
    if key is None:
        return Void(why=Why.UNKNOWN)
    open_ = SlackConfirmation.objects.filter(
        pk=key, slack_user_id=slack_user_id, decided_at=None, asked_at__lte=now, expires_at__gt=now
    )
    # Of two clicks at once the second waits for the first here, and then finds nothing left to decide.
    is_mine = open_.update(decided_at=now, is_confirmed=is_confirmed) == 1
    question = SlackConfirmation.objects.filter(pk=key).first()
    if question is None:
        return Void(why=Why.UNKNOWN)
    return Command.from_json(question.command) if is_mine else _void(question, slack_user_id)


def _void(question: SlackConfirmation, slack_user_id: str) -> Void:
    if question.slack_user_id != slack_user_id:
        return Void(why=Why.SOMEBODY_ELSES, actor=question.actor)
    if question.decided_at:
        why = Why.CONFIRMED_BEFORE if question.is_confirmed else Why.CANCELLED_BEFORE
        return Void(why=why, actor=question.actor, at=question.decided_at)
    return Void(why=Why.EXPIRED, actor=question.actor, at=question.expires_at)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
