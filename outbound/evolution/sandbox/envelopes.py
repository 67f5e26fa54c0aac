"""The JSON of the provider's webhooks, made only when one is sent: what waits stays small."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from outbound.evolution.sandbox.answers import described
from outbound.evolution.sandbox.messages import Message

# The number the sandbox's instances send from.
OWN_JID = "5511900000000@s.whatsapp.net"


class EventName(StrEnum):
    """The events the sandbox sends."""

    SENT = "send.message"
    UPSERT = "messages.upsert"
    UPDATE = "messages.update"
    CONNECTION = "connection.update"


class Event(NamedTuple):
    """Something to tell: of a message, or (None) of the instance; `status` is the message's or the connection's."""

    name: EventName
    instance: str
    message: Message | None = None
    status: str = ""


@dataclass(slots=True, kw_only=True)
class Envelopes:
    """Puts events into the envelope all of them share; `server_url` is known once the sandbox listens."""

    url: str
    api_key: str
    server_url: str = ""

    def around(self, event: Event) -> dict[str, Any]:
        """Build the body of a webhook."""
        return {
            "event": event.name.value,
            "instance": event.instance,
            "data": _data(event),
            "destination": self.url,
            "date_time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "sender": OWN_JID,
            "server_url": self.server_url,
            "apikey": self.api_key,
        }


def _data(event: Event) -> dict[str, Any]:
    message = event.message
    if message is None:
        return {"instance": event.instance, "state": event.status, "statusReason": 200}
    if event.name is EventName.UPDATE:
        return {
            "keyId": message.id,
            "remoteJid": message.jid,
            "fromMe": message.from_me,
            "status": event.status,
        }
    return described(message)
