"""The events of a message: the properties that the go/no-go document's queries read, and nothing of its text."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from canary.event_types import EventType
from canary.events import Event
from outbound.guardrails.request import OutboundRequest


class HasRequest(Protocol):
    """A message that knows what was asked for."""

    @property
    def id(self) -> UUID: ...
    @property
    def request(self) -> OutboundRequest: ...


def message_event(type_: EventType, message: HasRequest, *, at: datetime, **more: Any) -> Event:
    """Describe what happened to a message at an instant; `more` adds properties such as `block_reason`."""
    request = message.request
    props = {
        "message_id": str(message.id),
        "channel": request.channel,
        "method": request.method,
        "inbound_interaction_id": str(request.inbound_interaction_id) if request.inbound_interaction_id else None,
        "bypass_reason": request.bypass_reason,
        "actor_type": request.actor_type,
        "actor_id": request.actor_id,
        **more,
    }
    return Event(
        type=type_,
        at=at,
        source="outbound",
        cliente_id=request.cliente_id,
        conversation_id=request.conversation_id,
        props=props,
    )
