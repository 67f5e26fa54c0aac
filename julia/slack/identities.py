"""Which of our users a Slack user is: bound and unbound by somebody, with an event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction

from canary import events, personal_data
from canary.event_types import EventType
from julia.access import Level
from julia.slack.models import SlackIdentity
from julia.slack.permissions import SLACK_USER_ID


class InvalidIdentityError(ValueError):
    """Not a Slack user's id."""


@transaction.atomic(durable=True)
def bind(*, slack_user_id: str, user: Any, level: Level, actor: str, now: datetime) -> None:
    """Let a Slack user act as one of ours, with a role instead of any he had; binding again moves him.

    Raises:
        InvalidIdentityError: when the id is no Slack user's.
        PersonalDataError: when the user's name, which goes into events, looks like personal data.
    """
    if not SLACK_USER_ID.fullmatch(slack_user_id):
        raise InvalidIdentityError
    personal_data.refuse({"actor_id": user.get_username()})
    SlackIdentity.objects.update_or_create(
        slack_user_id=slack_user_id, defaults={"user": user, "bound_at": now, "bound_by": actor}
    )
    user.groups.remove(*Group.objects.filter(name__in=list(Level)))
    user.groups.add(Group.objects.get(name=level))
    _record("bound", slack_user_id, now=now, user=user.get_username(), level=level, actor_id=actor)


@transaction.atomic(durable=True)
def unbind(*, slack_user_id: str, actor: str, now: datetime) -> bool:
    """Let a Slack user act no more; False when he could not."""
    deleted, _by_model = SlackIdentity.objects.filter(slack_user_id=slack_user_id).delete()
    if deleted:
        _record("unbound", slack_user_id, now=now, actor_id=actor)
    return bool(deleted)


def _record(what: str, slack_user_id: str, *, now: datetime, **props: str) -> None:
    shown = slack_user_id if personal_data.find_kind(slack_user_id) is None else None
    props_ = {"what": what, "slack_user_id": shown, **props}
    events.emit([events.Event(type=EventType.SLACK_ACCESS_CHANGED, at=now, source="julia", props=props_)])
