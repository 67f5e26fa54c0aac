"""What went through the sandbox: compact records, since a load test leaves some 200,000 of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

# How long after the message WhatsApp says where it is, in seconds.
ACKS = ((0.05, "SERVER_ACK"), (0.2, "DELIVERY_ACK"))


class Message(NamedTuple):
    """One message, ours or a doctor's; `accepted_at` is a Unix time in seconds, `number` what the caller wrote.

    One that is not `is_stored` reached the phone, but the provider failed to write it down.
    """

    instance: str
    number: str
    jid: str
    text: str
    id: str
    accepted_at: float
    from_me: bool = True
    is_stored: bool = True
    push_name: str = "Julia"
    message_type: str = "conversation"

    def statuses(self, *, now: float) -> list[str]:
        """List what WhatsApp said of a message of ours until `now`, oldest first."""
        return [status for after_s, status in ACKS if self.from_me and self.accepted_at + after_s <= now]


class MessageStore:
    """Everything accepted, in order, and by chat as findMessages asks for it."""

    def __init__(self) -> None:
        self.delivered: list[Message] = []
        self._everything: list[Message] = []
        self._by_chat: dict[tuple[str, str], list[Message]] = {}

    def accept(self, message: Message) -> None:
        """Take a message of ours."""
        self.delivered.append(message)
        self.write(message)

    def write(self, message: Message) -> None:
        """Write a message down, whoever it is from."""
        self._everything.append(message)
        self._by_chat.setdefault((message.instance, message.jid), []).append(message)

    def knows(self, *, instance: str, jid: str) -> bool:
        """Tell whether the instance ever wrote with the identity: then the provider has it in its cache."""
        return (instance, jid) in self._by_chat

    def newest_first(self, *, instance: str, jid: str | None, before: float) -> Iterator[Message]:
        """Go through what is stored and was accepted not after `before`, in one chat or (None) in all."""
        chat = self._everything if jid is None else self._by_chat.get((instance, jid), [])
        for message in reversed(chat):
            if message.is_stored and message.instance == instance and message.accepted_at <= before:
                yield message


def as_delivered(index: int, message: Message) -> dict[str, Any]:
    """Describe a message of ours to a test; `index` counts from 0 since the last reset."""
    return {
        "index": index,
        "instance": message.instance,
        "number": message.number,
        "jid": message.jid,
        "text": message.text,
        "id": message.id,
        "accepted_at": message.accepted_at,
    }
