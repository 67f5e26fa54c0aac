"""The record of what happened: `business_events`, append-only, written in the transaction of the fact itself.

An event carries identifiers and reason codes, never text, a name, an e-mail, a CPF or more of a phone than its prefix.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from canary import personal_data, traces
from canary.event_types import EventType

INSERT = """
    INSERT INTO business_events (ts, event_type, source, cliente_id, conversation_id, event_props)
    SELECT ts, event_type, source, cliente_id, conversation_id, event_props
    FROM json_to_recordset(%s) AS e(
        ts timestamptz, event_type text, source text, cliente_id uuid, conversation_id uuid, event_props jsonb
    )
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened at `at`; `source` is the package that saw it, `props` the document's `event_props`."""

    type: EventType
    at: datetime
    source: str
    cliente_id: UUID | None = None
    conversation_id: UUID | None = None
    props: Mapping[str, Any] = field(default_factory=dict)


class OutsideTransactionError(RuntimeError):
    """A building block was called outside the transaction that makes its fact true."""


def require_transaction(name: str) -> None:
    """Refuse to go on outside a transaction: what `name` writes must stand or fall with its fact.

    Raises:
        OutsideTransactionError: when no transaction is open.
    """
    if not connection.in_atomic_block:
        raise OutsideTransactionError(f"{name} must be called inside transaction.atomic().")


def emit(events: Sequence[Event]) -> None:
    """Record events, in one INSERT, inside the caller's transaction.

    Raises:
        OutsideTransactionError: when no transaction is open.
        PersonalDataError: when a property looks like personal data; nothing is recorded then.
    """
    require_transaction("events.emit")
    if not events:
        return
    personal_data.refuse(*(event.props for event in events))
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [json.dumps([_row(event) for event in events], default=str)])
    _trace(events)


def _trace(events: Sequence[Event]) -> None:
    """Log, one line for those alike, which messages the events are about."""
    alike: defaultdict[tuple[str, str | None, str | None], list[str]] = defaultdict(list)
    for event in events:
        trace_id = event.props.get("message_id") or event.props.get("repeats")
        if trace_id:
            alike[event.type, event.props.get("block_reason"), event.props.get("outcome")].append(trace_id)
    for (type_, reason, outcome), trace_ids in alike.items():
        traces.tell(type_, trace_ids, reason=reason, outcome=outcome)


def _row(event: Event) -> dict[str, Any]:
    return {
        "ts": event.at.isoformat(),
        "event_type": event.type,
        "source": event.source,
        "cliente_id": event.cliente_id,
        "conversation_id": event.conversation_id,
        "event_props": {key: value for key, value in event.props.items() if value is not None},
    }
