"""What the provider tells us by webhook, read from its envelope (spec/evolution-api.md); the envelope's own `apikey`
is never looked at, so it can be neither stored nor logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

PERSON = "@s.whatsapp.net"
LONGEST_TEXT = 65_536
LONGEST_NAME = 200
LATEST_TIMESTAMP = 2**33
CONNECTION_STATES = frozenset({"open", "connecting", "close"})


class InvalidEnvelopeError(ValueError):
    """The body is no envelope we know how to read; the message names the field and repeats no value."""


class DeliveryStatus(StrEnum):
    """How far a message of ours got; `rank` orders them, and a message never goes back."""

    PENDING = "PENDING"
    ERROR = "ERROR"
    SERVER_ACK = "SERVER_ACK"
    DELIVERY_ACK = "DELIVERY_ACK"
    READ = "READ"
    PLAYED = "PLAYED"
    DELETED = "DELETED"

    @property
    def rank(self) -> int:
        return list(DeliveryStatus).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """Somebody wrote to us."""

    instance: str
    provider_message_id: str
    phone: str
    name: str
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A message of ours left: the provider's own witness, whoever asked for it."""

    instance: str
    provider_message_id: str
    phone: str
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A message of ours got further, or nowhere."""

    instance: str
    provider_message_id: str
    status: DeliveryStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """An instance's connection to WhatsApp is `open`, `connecting` or `close`."""

    instance: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """Nothing of ours: a group, a broadcast, a hidden id, or an event we did not ask for."""

    why: str


Notice = Inbound | Echo | Update | Connection | Nothing


def read(envelope: Any) -> Notice:
    """Read one webhook body, decoded from JSON.

    Raises:
        InvalidEnvelopeError: when it is not of the provider's form.
    """
    body = _mapping(envelope, "body")
    instance, data = _text(body, "instance"), body.get("data")
    match _text(body, "event"):
        case "messages.upsert":
            return _message(instance, _mapping(data, "data"))
        case "send.message":
            return _message(instance, _mapping(data, "data"))
        case "messages.update":
            return _update(instance, _mapping(data, "data"))
        case "connection.update":
            return _connection(instance, _mapping(data, "data"))
        case _:
            return Nothing(why="event")


def _message(instance: str, data: Mapping[str, Any]) -> Notice:
    key = _mapping(data.get("key"), "data.key")
    phone = _phone(_text(key, "remoteJid"))
    if phone is None:
        return Nothing(why="not a person")
    common: dict[str, Any] = {
        "instance": instance,
        "provider_message_id": _text(key, "id"),
        "phone": phone,
        "text": _content(data.get("message"))[:LONGEST_TEXT],
        "sent_at": _instant(data.get("messageTimestamp")),
    }
    if key.get("fromMe") is True:
        return Echo(**common)
    name = data.get("pushName")
    return Inbound(**common, name=_storable(name)[:LONGEST_NAME] if isinstance(name, str) else "")


def _update(instance: str, data: Mapping[str, Any]) -> Notice:
    if data.get("fromMe") is not True:
        return Nothing(why="not ours")
    try:
        status = DeliveryStatus(_text(data, "status"))
    except ValueError as error:
        raise InvalidEnvelopeError("data.status: unknown") from error
    return Update(instance=instance, provider_message_id=_text(data, "keyId"), status=status)


def _connection(instance: str, data: Mapping[str, Any]) -> Connection:
    state = _text(data, "state")
    if state not in CONNECTION_STATES:
        raise InvalidEnvelopeError("data.state: unknown")
    return Connection(instance=instance, state=state)


def _phone(jid: str) -> str | None:
    """The digits of a person's JID, without the number of his device; None for groups, broadcasts and hidden ids."""
    if not jid.endswith(PERSON):
        return None
    digits = jid.removesuffix(PERSON).split(":", 1)[0]
    return digits if digits.isascii() and digits.isdecimal() else None


def _content(message: Any) -> str:
    """The text of a message, empty for a picture or a sound."""
    if not isinstance(message, Mapping):
        return ""
    extended = message.get("extendedTextMessage")
    text = message.get("conversation") or (extended.get("text") if isinstance(extended, Mapping) else None)
    return _storable(text) if isinstance(text, str) else ""


def _storable(text: str) -> str:
    """The text without what PostgreSQL cannot store: NUL, and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _instant(timestamp: Any) -> datetime:
    """Unix seconds, as a number or in a string."""
    if isinstance(timestamp, str) and timestamp.isascii() and timestamp.isdecimal() and len(timestamp) < 12:  # noqa: PLR2004
        timestamp = int(timestamp)
    if isinstance(timestamp, bool) or not isinstance(timestamp, int) or not 0 <= timestamp < LATEST_TIMESTAMP:
        raise InvalidEnvelopeError("data.messageTimestamp: must be Unix seconds")
    return datetime.fromtimestamp(timestamp, UTC)


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidEnvelopeError(f"{name}: must be an object")
    return value


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value or len(value) > LONGEST_NAME or value != _storable(value):
        raise InvalidEnvelopeError(f"{name}: must be a short text")
    return value
