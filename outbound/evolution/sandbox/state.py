"""All a sandbox knows while it runs: what the routes share, and what a reset forgets."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable
from typing import Any

from outbound.evolution.sandbox.books import RequestBooks
from outbound.evolution.sandbox.config import SandboxConfig
from outbound.evolution.sandbox.envelopes import Envelopes, Event, EventName
from outbound.evolution.sandbox.faults import FaultSet
from outbound.evolution.sandbox.jids import could_exist, jid_of
from outbound.evolution.sandbox.messages import ACKS, Message, MessageStore
from outbound.evolution.sandbox.webhooks import WebhookSender

OPEN = "open"
CONNECTION_STATES = frozenset({OPEN, "connecting", "close"})


class SandboxState:
    """One provider's state.

    Raises:
        FaultError: when one of the configured faults cannot be read.
    """

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self._without_whatsapp = frozenset(map(jid_of, config.no_whatsapp))
        self.envelopes = Envelopes(url=config.webhook_url, api_key=config.api_key)
        self.webhooks = self._webhook_sender() if config.webhook_url else None
        self._start_over(in_flight=0)

    def reset(self) -> None:
        """Forget messages, requests and changes made since the start; requests under way go on."""
        self._start_over(in_flight=self.books.in_flight)
        if self.webhooks:
            self.webhooks.forget()

    def set_faults(self, specs: Iterable[str]) -> None:
        """Replace the faults, and begin to count theirs anew.

        Raises:
            FaultError: when one cannot be read; then nothing changes.
        """
        self.faults = FaultSet(specs, seed=self.config.seed)

    def connection(self, instance: str) -> str | None:
        """Tell an instance's connection; None when there is no such instance."""
        return self._connections.get(instance, OPEN if self.config.any_instance else None)

    def set_connection(self, *, instance: str, state: str) -> None:
        """Change an instance's connection, and tell of it."""
        self._connections[instance] = state
        self._emit(Event(EventName.CONNECTION, instance, status=state))

    def is_on_whatsapp(self, jid: str) -> bool:
        """Tell whether somebody has that identity."""
        return jid not in self._without_whatsapp and could_exist(jid)

    def accept(self, *, instance: str, number: str, jid: str, text: str, is_stored: bool) -> Message:
        """Send a message of ours to the phone; one that is not stored is told to nobody either."""
        message = Message(instance, number, jid, text, new_id(), time.time(), is_stored=is_stored)
        self.store.accept(message)
        if self.webhooks and is_stored:
            self._announce(message)
        return message

    def receive(self, message: Message) -> bool:
        """Take what somebody wrote to us; False when there is nobody to tell it to."""
        self.store.write(message)
        return self._emit(Event(EventName.UPSERT, message.instance, message))

    def stats(self) -> dict[str, Any]:
        """Count what happened since the last reset, and say what is in force."""
        return {
            "requests": len(self.books.requests),
            "delivered": len(self.store.delivered),
            "outcomes": dict(self.books.outcomes),
            "in_flight": self.books.in_flight,
            "max_in_flight": self.books.max_in_flight,
            "lists": self.lists,
            "faults": list(self.faults.specs),
            "latency_ms": self.latency_s * 1000,
            "lag_ms": self.lag_s * 1000,
            "webhooks": self.webhooks.stats() if self.webhooks else None,
        }

    def _start_over(self, *, in_flight: int) -> None:
        self.store = MessageStore()
        self.books = RequestBooks(in_flight=in_flight)
        self.lists = 0
        self.latency_s = self.config.latency_ms / 1000
        self.lag_s = self.config.lag_ms / 1000
        self._connections = dict.fromkeys(self.config.instances, OPEN)
        self.set_faults(self.config.faults)

    def _webhook_sender(self) -> WebhookSender:
        return WebhookSender(
            envelopes=self.envelopes, token=self.config.webhook_token, backoff_s=self.config.webhook_backoff_s
        )

    def _announce(self, message: Message) -> None:
        self._emit(Event(EventName.SENT, message.instance, message))
        for after_s, status in ACKS:
            self._emit(Event(EventName.UPDATE, message.instance, message, status), after_s=after_s)

    def _emit(self, event: Event, *, after_s: float = 0.0) -> bool:
        if self.webhooks:
            self.webhooks.emit(event, after_s=after_s)
        return self.webhooks is not None


def new_id() -> str:
    """Make an id as WhatsApp Web's are."""
    return f"3EB0{secrets.token_hex(9).upper()}"
