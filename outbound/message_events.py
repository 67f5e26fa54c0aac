"""The events of a message: the properties that the go/no-go document's queries read, and nothing of its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, Self
from uuid import UUID

from canary.event_types import EventType
from canary.events import Event
from outbound.guardrails.request import OutboundRequest
from outbound.methods import ActorType, Channel, Method

LONGEST_WAIT_S = 9_999_999.0
TO_THE_MILLISECOND_S = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """A message as its row tells of it, for events about messages that no claim holds."""

    id: UUID
    request: OutboundRequest

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Read a row that has at least the columns an event needs."""
        return cls(id=row["id"], request=request_of(row))


def request_of(row: Mapping[str, Any]) -> OutboundRequest:
    """What was asked for, from a message's row."""
    return OutboundRequest(
        cliente_id=row["cliente_id"],
        method=Method(row["method"]),
        channel=Channel(row["channel"]),
        actor_type=ActorType(row["actor_type"]),
        actor_id=row["actor_id"],
        conversation_id=row["conversation_id"],
        inbound_interaction_id=row["inbound_interaction_id"],
        bypass_reason=row["bypass_reason"],
        sender_id=row.get("sender_id"),
    )


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


def wait_s(*, since: datetime, until: datetime) -> float:
    """Say how many seconds lie between enqueueing and the request that left: from 0 to LONGEST_WAIT_S.

    To the millisecond below a thousand, to the second above: so few digits pass for no phone and no CPF, which would
    have the event refused, and its message's outcome with it.
    """
    waited = min(max((until - since).total_seconds(), 0.0), LONGEST_WAIT_S)
    return round(waited, 3 if waited < TO_THE_MILLISECOND_S else 0)
