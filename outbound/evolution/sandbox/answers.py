"""The provider's answers, in its own words and shapes."""

from __future__ import annotations

import functools
import json
import uuid
from http import HTTPStatus
from typing import Any

from aiohttp import web

from outbound.evolution.sandbox.messages import Message

# One encoder for all: `json.dumps` with options would build one for each answer.
ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
JSON_HEADERS = {"Content-Type": "application/json; charset=utf-8"}


class Refusal(Exception):  # noqa: N818 - an answer, and not an error of the sandbox
    """A request that is answered without being served; `outcome` is what the sandbox's own books call it."""

    def __init__(self, *, outcome: str, answer: web.Response) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.answer = answer


def as_json(body: Any, *, status: int = HTTPStatus.OK) -> web.Response:
    """Answer with any JSON."""
    return web.Response(body=ENCODE(body).encode(), status=status, headers=JSON_HEADERS)


def error(status: HTTPStatus, message: Any) -> web.Response:
    """Answer with the one shape all of the provider's errors have."""
    body = {"status": status.value, "error": status.phrase, "response": {"message": message}}
    return as_json(body, status=status)


def unknown_instance(name: str) -> Refusal:
    """Refuse for an instance that does not exist."""
    answer = error(HTTPStatus.NOT_FOUND, [f'The "{name}" instance does not exist'])
    return Refusal(outcome="unknown_instance", answer=answer)


def unauthorized() -> Refusal:
    """Refuse for a missing or wrong key."""
    return Refusal(outcome="unauthorized", answer=error(HTTPStatus.UNAUTHORIZED, "Unauthorized"))


def bad_schema(problems: list[str]) -> Refusal:
    """Refuse a body that does not match the schema: the one list within a list."""
    return Refusal(outcome="bad_schema", answer=error(HTTPStatus.BAD_REQUEST, [problems]))


def not_on_whatsapp(*, jid: str, number: str) -> Refusal:
    """Refuse a number nobody has on WhatsApp."""
    answer = error(HTTPStatus.BAD_REQUEST, [{"jid": jid, "exists": False, "number": number}])
    return Refusal(outcome="no_whatsapp", answer=answer)


def wrapped_failure() -> web.Response:
    """Answer as the provider does whatever fails inside its send routine, before or after the message left."""
    return error(HTTPStatus.BAD_REQUEST, ["Error: Connection Closed"])


def internal_error() -> web.Response:
    """Answer for a failure nobody caught."""
    return error(HTTPStatus.INTERNAL_SERVER_ERROR, "Connection Closed")


def from_proxy(status: HTTPStatus, *, retry_after_s: int | None) -> web.Response:
    """Answer as the proxy before the provider would: not in JSON."""
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    page = f"<html><body><h1>{status.value} {status.phrase}</h1></body></html>"
    return web.Response(status=status, text=page, content_type="text/html", headers=headers)


def sent(message: Message) -> web.Response:
    """Answer for an accepted message."""
    return as_json(described(message), status=HTTPStatus.CREATED)


def described(message: Message) -> dict[str, Any]:
    """Describe a message as WhatsApp stored it: in an answer and in a webhook alike."""
    return {
        "key": {"remoteJid": message.jid, "fromMe": message.from_me, "id": message.id},
        "pushName": message.push_name,
        "status": "PENDING" if message.from_me else "DELIVERY_ACK",
        "message": _content(message),
        "messageType": message.message_type,
        "messageTimestamp": int(message.accepted_at),
        "instanceId": instance_id(message.instance),
        "source": "unknown" if message.from_me else "android",
    }


def listed(message: Message, *, now: float) -> dict[str, Any]:
    """Describe a message as findMessages does."""
    record = described(message)
    del record["status"]
    updates = [{"status": status} for status in message.statuses(now=now)]
    return {"id": f"c{message.id.lower()}", **record, "contextInfo": None, "MessageUpdate": updates}


@functools.cache
def instance_id(name: str) -> str:
    """Name an instance by the id the provider's database would have for it."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def _content(message: Message) -> dict[str, Any]:
    if message.message_type == "conversation":
        return {"conversation": message.text}
    return {message.message_type: {"text": message.text}}
