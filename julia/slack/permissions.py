"""Who may use the console: Slack users bound to active users with a role, from our workspace and the listed channels.

Everybody else is refused politely, and the refusal is an event.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db import transaction

from canary import events, personal_data
from canary.event_types import EventType
from julia import access
from julia.access import Level
from julia.slack.commands import Action, Command, Name
from julia.slack.models import SlackIdentity
from julia.slack.payloads import Asker

SLACK_USER_ID = re.compile(r"[A-Z0-9]{2,24}")
# What is not listed takes an operator.
_LEAST: Mapping[tuple[Name, Action | None], Level] = {
    (Name.CAMPAIGNS, Action.STATUS): Level.VIEWER,
    (Name.BRIDGE, Action.STATUS): Level.VIEWER,
    (Name.CANARY, Action.STATUS): Level.VIEWER,
    (Name.CANARY, Action.PROMOTE): Level.ADMIN,
    (Name.HEALTH, None): Level.VIEWER,
    (Name.STATUS, None): Level.VIEWER,
    (Name.EXPLAIN, None): Level.VIEWER,
    (Name.INCIDENTS, None): Level.VIEWER,
    (Name.HANDOFFS, None): Level.VIEWER,
    (Name.HELP, None): Level.VIEWER,
}


class Refusal(StrEnum):
    """Why somebody may not, as the event's `why`."""

    WRONG_WORKSPACE = "wrong_workspace"
    WRONG_CHANNEL = "wrong_channel"
    UNKNOWN_USER = "unknown_user"
    NO_ROLE = "no_role"
    NOT_ALLOWED = "not_allowed"
    NOT_STAFF = "not_staff"


class RefusedError(PermissionError):
    """Somebody asked for what he may not have; the event is recorded."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Somebody who may use the console; `name` is the user name that goes into events."""

    asker: Asker
    name: str
    level: Level
    is_staff: bool


def least_level(command: Command) -> Level:
    """The lowest level that may give this command."""
    return _LEAST.get((command.name, command.action), Level.OPERATOR)


def may(level: Level, command: Command) -> bool:
    """Whether a level may give this command."""
    return least_level(command) in level.included


def may_some(level: Level, name: Name) -> bool:
    """Whether a level may give a command in at least one of its forms."""
    forms = [action for known, action in _LEAST if known is name] or [None]
    return any(may(level, Command(name=name, action=action)) for action in forms)


def admit(asker: Asker, *, now: datetime) -> Operator:
    """Tell who asks.

    Raises:
        RefusedError: when nobody of ours asks, or from elsewhere.
    """
    if settings.SLACK_TEAM_ID and asker.team_id != settings.SLACK_TEAM_ID:
        raise _refusal(Refusal.WRONG_WORKSPACE, asker, now=now)
    if settings.SLACK_ALLOWED_CHANNELS and asker.channel_id not in settings.SLACK_ALLOWED_CHANNELS:
        raise _refusal(Refusal.WRONG_CHANNEL, asker, now=now)
    identity = SlackIdentity.objects.select_related("user").filter(slack_user_id=asker.user_id).first()
    if identity is None or not identity.user.is_active:
        raise _refusal(Refusal.UNKNOWN_USER, asker, now=now)
    level = access.level_of(identity.user)
    if level is None:
        raise _refusal(Refusal.NO_ROLE, asker, now=now)
    return Operator(asker=asker, name=identity.user.get_username(), level=level, is_staff=identity.user.is_staff)


def require(operator: Operator, command: Command, *, now: datetime) -> None:
    """Let an operator give a command, or refuse him.

    Raises:
        RefusedError: when his role does not reach, or he would send without being staff, whose bypass alone counts.
    """
    if not may(operator.level, command):
        raise _refusal(Refusal.NOT_ALLOWED, operator.asker, now=now, command=command.line)
    if command.name is Name.SEND and not operator.is_staff:
        raise _refusal(Refusal.NOT_STAFF, operator.asker, now=now, command=command.line)


@transaction.atomic(durable=True)
def _refusal(why: Refusal, asker: Asker, *, now: datetime, command: str | None = None) -> RefusedError:
    is_id = SLACK_USER_ID.fullmatch(asker.user_id) and personal_data.find_kind(asker.user_id) is None
    props = {"why": why, "slack_user_id": asker.user_id if is_id else None, "command": command}
    events.emit([events.Event(type=EventType.SLACK_REFUSED, at=now, source="julia", props=props)])
    return RefusedError(why)
