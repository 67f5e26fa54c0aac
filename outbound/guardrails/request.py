"""What is asked of the guardrails: one message to one contact, by somebody, through some channel."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from outbound.methods import PROACTIVE, ActorType, Channel, Method


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundRequest:
    """A message that wants out. `sender_id` is the WhatsApp number of ours it would leave from, where already known."""

    cliente_id: UUID
    method: Method
    channel: Channel = Channel.API
    actor_type: ActorType = ActorType.SYSTEM
    actor_id: str | None = None
    conversation_id: UUID | None = None
    inbound_interaction_id: UUID | None = None
    bypass_reason: str | None = None
    sender_id: UUID | None = None

    @property
    def is_proactive(self) -> bool:
        return self.method in PROACTIVE

    @property
    def comes_from_a_human_in_slack(self) -> bool:
        """The only place a bypass can come from."""
        return self.channel is Channel.SLACK and self.actor_type is ActorType.HUMAN
