"""One message's whole story, from what it answers to what came back: told from its row, the events that name it, the
switches that released it, the provider's webhooks, and the incidents it is part of.

The message's own id is its trace id: every event and every line of the log about it carries it, so nothing has to be
handed along. Nothing is in a story but instants, codes, who and why: no text, and of the phone its prefix.

    story.tell([message_id], now=now)[message_id].moments   # oldest first
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from canary.event_types import EventType
from canary.flag_values import FlagKey
from canary.flags import FlagChange
from canary.models import BusinessEvent, FeatureFlagChange, IncidentEvent
from canary.personal_data import phone_prefix
from outbound.holds import HELD_BY, let_go_pct
from outbound.methods import Status
from outbound.models import Interaction, OutboundMessage, ProviderMessage
from outbound.reconciler import PROVED_ABSENT
from outbound.resolution import CANCELLED, REQUEUED

ANSWERS = (Path(__file__).parent / "queries" / "story_answers.sql").read_text(encoding="utf-8")
# The clocks of our machines may differ by this much: whoever enqueued may be ahead of whoever claimed.
CLOCK_SKEW = timedelta(minutes=5)
KEY_OF = {reason: key for key, reason in HELD_BY.items()}


class What(StrEnum):
    """What happened, in the order in which it does where several things happened at one instant."""

    HEARD = "heard"
    QUEUED = "queued"
    REPEATED = "repeated"
    RELEASED = "released"
    BYPASSED = "bypassed"
    PASSED = "passed"
    REQUESTED = "requested"
    HELD = "held"
    DEFERRED = "deferred"
    QUEUED_AGAIN = "queued_again"
    SENT = "sent"
    DOUBTED = "doubted"
    PROVED = "proved"
    SAID_SENT = "said_sent"
    FAILED = "failed"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    IN_INCIDENT = "in_incident"
    TOLD = "told"
    ANSWERED = "answered"


_ORDER = {what: place for place, what in enumerate(What)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One thing that happened to a message; `facts` are codes, names and instants, by name."""

    at: datetime
    what: What
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A message and all that happened to it, oldest first."""

    message: OutboundMessage
    telefone_prefix: str
    moments: tuple[Moment, ...]


def tell(ids: Collection[UUID], *, now: datetime) -> dict[UUID, Story]:
    """Tell the stories of messages up to now, as `{message id: story}`; in so many queries, however many there are.

    Ids that are no message's are left out.
    """
    messages = {row.pk: row for row in OutboundMessage.objects.filter(pk__in=ids).select_related("contact")}
    if not messages:
        return {}
    found: dict[UUID, list[Moment]] = {id_: list(_of_row(message)) for id_, message in messages.items()}
    for id_, moment in _beyond_rows(messages, now=now):
        found[id_].append(moment)
    _add_releases(messages, found)
    return {id_: _story(message, found[id_]) for id_, message in messages.items()}


def _story(message: OutboundMessage, moments: Sequence[Moment]) -> Story:
    is_erased = message.contact.erased_at is not None
    return Story(
        message=message,
        telefone_prefix="" if is_erased else phone_prefix(message.contact.phone),
        moments=tuple(sorted(moments, key=lambda moment: (moment.at, _ORDER[moment.what]))),
    )


def _of_row(message: OutboundMessage) -> Iterator[Moment]:
    facts = {
        "method": message.method,
        "channel": message.channel,
        "actor": message.actor_id or message.actor_type,
        "template": message.template_ref,
    }
    yield Moment(at=message.created_at, what=What.QUEUED, facts=facts)
    # Whoever puts a message back takes the claim's name off it: that claim did not let it through.
    if message.claimed_at and message.claim_id:
        yield Moment(at=message.claimed_at, what=What.PASSED)
    # Of any other status it is the latest instant at which a request may have begun.
    if message.status == Status.SENT and message.attempted_at:
        yield Moment(at=message.attempted_at, what=What.REQUESTED)


Told = Iterator[tuple[UUID, Moment]]


def _beyond_rows(messages: Mapping[UUID, OutboundMessage], *, now: datetime) -> Told:
    yield from _events(messages, now=now)
    yield from _answered(messages)
    yield from _webhooks(messages)
    yield from _incidents(messages)
    with connection.cursor() as cursor:
        cursor.execute(ANSWERS, {"ids": list(messages)})
        for id_, received_at in cursor.fetchall():
            yield id_, Moment(at=received_at, what=What.ANSWERED)


def events_of(messages: Collection[OutboundMessage], *, now: datetime) -> Any:
    """The events that name one of the messages, by an index of the months from the first of them to now."""
    ids = [str(message.pk) for message in messages]
    since = min(message.created_at for message in messages) - CLOCK_SKEW
    theirs = BusinessEvent.objects.filter(
        cliente_id__in={message.contact_id for message in messages}, ts__gte=since, ts__lte=now + CLOCK_SKEW
    )
    return theirs.filter(Q(event_props__message_id__in=ids) | Q(event_props__repeats__in=ids)).order_by("ts", "id")


def _events(messages: Mapping[UUID, OutboundMessage], *, now: datetime) -> Told:
    for event in events_of(messages.values(), now=now):
        what = _what(event.event_type, event.event_props)
        if what:
            id_ = UUID(event.event_props.get("message_id") or event.event_props["repeats"])
            yield id_, Moment(at=event.ts, what=what, facts=_facts(event.event_props))


def _facts(props: Mapping[str, Any]) -> dict[str, Any]:
    until = props.get("until")
    return {
        "reason": props.get("block_reason"),
        "until": datetime.fromisoformat(until) if until else None,
        "error": props.get("error"),
        "attempts": props.get("attempts"),
        "actor": props.get("resolved_by") or props.get("actor_id"),
        "why": props.get("resolution") or props.get("bypass_reason"),
    }


def _what(event_type: str, props: Mapping[str, Any]) -> What | None:
    """Name what an event tells; None for one that tells nothing about the message's way."""
    match event_type:
        case EventType.OUTBOUND_SENT if props.get("resolved_by"):
            return What.SAID_SENT
        case EventType.OUTBOUND_SENT:
            return What.PROVED if props.get("proved_by") else What.SENT
        case EventType.OUTBOUND_BLOCKED:
            return _what_stopped(props)
        case EventType.OUTBOUND_DEFERRED if props.get("block_reason") in {PROVED_ABSENT, REQUEUED}:
            return What.QUEUED_AGAIN
        case EventType.OUTBOUND_DEFERRED:
            return What.DEFERRED if props.get("until") else What.HELD
        case EventType.OUTBOUND_BYPASS:
            return What.BYPASSED
        case EventType.OUTBOUND_DEDUPED:
            return What.REPEATED
        case _:
            return None


def _what_stopped(props: Mapping[str, Any]) -> What:
    if props.get("block_reason") == CANCELLED:
        return What.CANCELLED
    return {Status.UNKNOWN: What.DOUBTED, Status.FAILED: What.FAILED}.get(props.get("outcome", ""), What.BLOCKED)


def _answered(messages: Mapping[UUID, OutboundMessage]) -> Told:
    """What a reply answers."""
    heard = {message.inbound_interaction_id for message in messages.values() if message.inbound_interaction_id}
    received = dict(Interaction.objects.filter(pk__in=heard).values_list("pk", "received_at")) if heard else {}
    for id_, message in messages.items():
        if message.inbound_interaction_id in received:
            yield id_, Moment(at=received[message.inbound_interaction_id], what=What.HEARD)


def _webhooks(messages: Mapping[UUID, OutboundMessage]) -> Told:
    """What the provider told us of it, by our clock: that it left, and how far it got."""
    known = {(row.sender_id, row.provider_message_id): id_ for id_, row in messages.items() if row.provider_message_id}
    told = ProviderMessage.objects.filter(
        sender_id__in={sender_id for sender_id, _id in known}, provider_message_id__in={id_ for _sender, id_ in known}
    )
    for one in told if known else ():
        id_ = known.get((one.sender_id, one.provider_message_id))
        if id_ is None:
            continue
        for status, at in one.statuses.items():
            yield id_, Moment(at=datetime.fromisoformat(at), what=What.TOLD, facts={"status": status})


def _incidents(messages: Mapping[UUID, OutboundMessage]) -> Told:
    since = min(message.created_at for message in messages.values())
    lines = IncidentEvent.objects.filter(
        incident__last_seen_at__gte=since, at__gte=since, details__message_id__in=[str(id_) for id_ in messages]
    )
    for line in lines.select_related("incident"):
        facts = {"number": line.incident_id, "kind": line.incident.kind}
        yield UUID(line.details["message_id"]), Moment(at=line.at, what=What.IN_INCIDENT, facts=facts)


def _add_releases(messages: Mapping[UUID, OutboundMessage], found: Mapping[UUID, list[Moment]]) -> None:
    """Add the change of a switch that ended each hold: releasing leaves no event of its own for each message."""
    holds = [(id_, moment) for id_, moments in found.items() for moment in moments if moment.what is What.HELD]
    keys = {KEY_OF[moment.facts["reason"]] for _id, moment in holds if moment.facts["reason"] in KEY_OF}
    if not keys:
        return
    since = min(moment.at for _id, moment in holds)
    changes = list(FeatureFlagChange.objects.filter(key__in=keys, changed_at__gte=since).order_by("changed_at", "id"))
    for id_, held in holds:
        release = next((one for one in changes if _released(one, held, messages[id_].contact.bucket)), None)
        if release:
            facts = {"switch": release.key, "actor": release.actor, "why": release.reason}
            found[id_].append(Moment(at=release.changed_at, what=What.RELEASED, facts=facts))


def _released(row: FeatureFlagChange, held: Moment, bucket: int) -> bool:
    key = FlagKey(row.key)
    change = FlagChange(key=key, before=row.before, after=row.after, at=row.changed_at)
    return KEY_OF.get(held.facts["reason"]) is key and row.changed_at >= held.at and bucket < let_go_pct(change)
