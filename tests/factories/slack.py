"""Requests as Slack makes and signs them, and people who may make them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.utils import timezone

from julia.access import Level
from julia.slack import identities

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM = "T0JULIA"
CHANNEL = "C0OPS"
ANA, BIA = "U0ANA", "U0BIA"

_triggers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A body with the headers that Slack would send with it."""

    body: bytes
    timestamp: str
    signature: str

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": self.timestamp,
            "X-Slack-Signature": self.signature,
        }


def sign(body: bytes, *, secret: str = SECRET, at: float | None = None) -> Signed:
    """Sign a body as Slack documents it: HMAC-SHA256 over `v0:timestamp:body`."""
    timestamp = str(int(timezone.now().timestamp() if at is None else at))
    mac = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256)
    return Signed(body=body, timestamp=timestamp, signature=f"v0={mac.hexdigest()}")


def slash(line: str, *, user: str = ANA, command: str = "/julia", response_url: str = "", **changes: str) -> bytes:
    """The form of a slash command, with a trigger of its own."""
    form = {
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "user_id": user,
        "command": command,
        "text": line,
        "trigger_id": f"13345224609.{next(_triggers)}",
        "response_url": response_url,
    }
    return urlencode({**form, **changes}).encode()


def clicked(action: str, *, value: str = "", user: str = ANA, response_url: str = "", **changes: Any) -> bytes:
    """A pressed button."""
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "channel": {"id": CHANNEL},
        "user": {"id": user},
        "trigger_id": f"13345224609.{next(_triggers)}",
        "response_url": response_url,
        "actions": [{"action_id": action, "value": value, "type": "button"}],
    }
    return _interaction({**payload, **changes})


def submitted(*, user: str = ANA, channel: str = CHANNEL, **fields: str) -> bytes:
    """The form of `enviar`, sent."""
    values = {name: {"value": {"type": "plain_text_input", "value": value}} for name, value in fields.items()}
    view = {"callback_id": "send", "private_metadata": channel, "state": {"values": values}}
    return _interaction(
        {
            "type": "view_submission",
            "team": {"id": TEAM},
            "user": {"id": user},
            "trigger_id": f"13345224609.{next(_triggers)}",
            "view": view,
        }
    )


def person(slack_user_id: str, name: str, *, level: Level = Level.OPERATOR, **changes: Any) -> Any:
    """Somebody of ours, bound to a Slack user."""
    user = get_user_model().objects.create_user(name, **{"is_staff": True, **changes})
    identities.bind(slack_user_id=slack_user_id, user=user, level=level, actor="tests", now=timezone.now())
    return user


def buttons(message: Mapping[str, Any]) -> dict[str, str]:
    """The buttons of a message, `{action_id: value}`."""
    elements = [one for block in message["blocks"] if block["type"] == "actions" for one in block["elements"]]
    return {one["action_id"]: one.get("value", "") for one in elements}


def _interaction(payload: Mapping[str, Any]) -> bytes:
    return urlencode({"payload": json.dumps(payload)}).encode()
