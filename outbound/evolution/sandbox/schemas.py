"""What callers must send, checked as the provider's schemas do and with its words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from aiohttp import web

from outbound.evolution.sandbox import answers

PAGE_SIZE = 50


class TextRequest(NamedTuple):
    """A message somebody wants sent; `delay_s` is how long the provider is to pretend to type."""

    number: str
    text: str
    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """A question for stored messages; the period is in whole Unix seconds, both ends included."""

    jid: str | None
    id: str | None
    own_only: bool
    period: tuple[int, int] | None
    page: int
    page_size: int


async def read_json(request: web.Request) -> dict[str, Any]:
    """Read a body that must be a JSON object.

    Raises:
        Refusal: when it is not.
    """
    try:
        body = json.loads(await request.read())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise answers.bad_schema(["instance is not of type(s) object"])
    return body


def text_request(body: dict[str, Any]) -> TextRequest:
    """Read the body of sendText.

    Raises:
        Refusal: when it does not match the schema.
    """
    number, text, delay = body.get("number"), body.get("text"), body.get("delay", 0)
    # The common case first: this runs once for every message of a load test.
    if isinstance(number, str) and isinstance(text, str) and type(delay) is int and _is_flag(body, "linkPreview"):
        return TextRequest(number, text, delay / 1000)
    problems = [f'instance requires property "{name}"' for name in ("number", "text") if name not in body]
    if "number" in body and not isinstance(number, str):
        problems.append("Invalid format")
    if "text" in body and not isinstance(text, str):
        problems.append("text is not of type(s) string")
    if type(delay) is not int:
        problems.append("Enter a value in milliseconds")
    if not _is_flag(body, "linkPreview"):
        problems.append("linkPreview is not of type(s) boolean")
    raise answers.bad_schema(problems)


def numbers(body: dict[str, Any]) -> list[str]:
    """Read the body of whatsappNumbers.

    Raises:
        Refusal: when it does not match the schema.
    """
    asked = body.get("numbers")
    if "numbers" not in body:
        raise answers.bad_schema(['instance requires property "numbers"'])
    if not isinstance(asked, list) or not asked or not all(isinstance(number, str) for number in asked):
        raise answers.bad_schema(["numbers is not of type(s) array"])
    return asked


def list_request(body: dict[str, Any]) -> ListRequest:
    """Read the body of findMessages, where the time counts only with both of its ends.

    Raises:
        Refusal: when it does not match the schema.
        ValueError: when an instant is none; the provider fails on it.
    """
    where = _mapping(body, "where")
    key, at = _mapping(where, "key"), _mapping(where, "messageTimestamp")
    since, until = at.get("gte"), at.get("lte")
    return ListRequest(
        jid=key.get("remoteJid") or None,
        id=key.get("id") or None,
        own_only=bool(key.get("fromMe")),
        period=(_unix_time(since), _unix_time(until)) if since and until else None,
        page=_count(body, "page") or 1,
        page_size=_count(body, "offset") or PAGE_SIZE,
    )


def _mapping(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name) or {}
    if not isinstance(value, dict):
        raise answers.bad_schema([f"{name} is not of type(s) object"])
    return value


def _count(body: dict[str, Any], name: str) -> int:
    value = body.get(name, 0)
    if type(value) is not int or value < 0:
        raise answers.bad_schema([f"{name} is not of type(s) integer"])
    return value


def _is_flag(body: dict[str, Any], name: str) -> bool:
    return isinstance(body.get(name, False), bool)


def _unix_time(text: object) -> int:
    at = datetime.fromisoformat(str(text))
    return int((at if at.tzinfo else at.astimezone()).timestamp())
