"""What Slack sends, read strictly: a slash command's form, and the JSON of a click or a submitted modal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

MOST_FIELDS = 100


class InvalidPayloadError(ValueError):
    """The body is signed, but nothing that Slack is known to send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, and from where."""

    team_id: str
    channel_id: str
    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """`/julia saude` and `/saude` are the same `line`."""

    asker: Asker
    line: str
    trigger_id: str
    response_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A button of ours that somebody pressed: `action` says which, `value` on what."""

    asker: Asker
    action: str
    value: str
    response_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A modal of ours that somebody sent: what stands in its fields, by block id."""

    asker: Asker
    fields: Mapping[str, str]


def slash_command(body: bytes) -> SlashCommand:
    """Read the form of a slash command.

    Raises:
        InvalidPayloadError: when it is no form, or names no command.
    """
    form = _form(body)
    command = form.get("command", "").strip().removeprefix("/")
    if not command:
        raise InvalidPayloadError("no command")
    text = form.get("text", "")
    return SlashCommand(
        asker=Asker(
            team_id=form.get("team_id", ""), channel_id=form.get("channel_id", ""), user_id=form.get("user_id", "")
        ),
        line=text if command == "julia" else f"{command} {text}",
        trigger_id=form.get("trigger_id", ""),
        response_url=form.get("response_url", ""),
    )


def interaction(body: bytes) -> Click | Submission:
    """Read the JSON of a click or of a submitted modal.

    Raises:
        InvalidPayloadError: when it is neither.
    """
    try:
        payload = json.loads(_form(body).get("payload", ""))
    except (ValueError, RecursionError) as error:
        raise InvalidPayloadError("no JSON") from error
    match payload:
        case {"type": "block_actions", "actions": [{"action_id": str(action)} as pressed, *_]}:
            return _click(payload, action=action, value=pressed.get("value"))
        case {"type": "view_submission", "view": {"state": {"values": dict(values)}} as view}:
            return _submission(payload, values=values, channel_id=view.get("private_metadata"))
        case _:
            raise InvalidPayloadError("no interaction of ours")


def replay_key(*, body: bytes, signature: str) -> str:
    """Name a request so that the same one, sent again, has the same name.

    Slack gives each a trigger of its own, which is in the body; what has none is known by its signature.
    """
    return hashlib.sha256(body).hexdigest() if b"trigger_id" in body else signature


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise InvalidPayloadError("no form") from error


def _click(payload: Mapping[str, Any], *, action: str, value: Any) -> Click:
    return Click(
        asker=_asker(payload, channel_id=_id(payload.get("channel"))),
        action=action,
        value=_text(value),
        response_url=_text(payload.get("response_url")),
    )


def _submission(payload: Mapping[str, Any], *, values: Mapping[str, Any], channel_id: Any) -> Submission:
    # The channel is the one the modal was opened from: a submission has none of its own.
    return Submission(
        asker=_asker(payload, channel_id=_text(channel_id)),
        fields={block: _value(elements) for block, elements in values.items()},
    )


def _asker(payload: Mapping[str, Any], *, channel_id: str) -> Asker:
    return Asker(team_id=_id(payload.get("team")), channel_id=channel_id, user_id=_id(payload.get("user")))


def _value(elements: Any) -> str:
    match elements:
        case {**named} if named:
            first = next(iter(named.values()))
            return _text(first.get("value")) if isinstance(first, Mapping) else ""
        case _:
            return ""


def _id(something: Any) -> str:
    return _text(something.get("id")) if isinstance(something, Mapping) else ""


def _text(something: Any) -> str:
    return something if isinstance(something, str) else ""
