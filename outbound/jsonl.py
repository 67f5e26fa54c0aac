"""Messages as lines of JSON, for programs: one message a line in, one answer a line out, in the same order.

A line that is wrong is answered so, with its number and field; the others go on. A chunk is one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from canary import redaction
from outbound import contacts, outbox, phones
from outbound.contacts import Person
from outbound.methods import ActorType, Channel, ContactKind, Method
from outbound.outbox import Deduped, InvalidMessageError, NewMessage, Queued

CHUNK = 1000
# Far more than the longest text takes, escaped, with all the rest: what is longer is not even read as JSON.
LONGEST_LINE = 2**20
LONGEST_NAME = 40
KNOWN_FIELDS = frozenset(
    {
        "telefone", "nome", "kind", "method", "text", "template_ref", "channel", "actor_type", "actor_id",
        "inbound_interaction_id", "conversation_id", "bypass_reason",
    }
)  # fmt: skip

Answer = dict[str, Any]
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line that can be read: whom it is to, and the message but for its contact's id."""

    number: int
    person: Person
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that cannot, with the field at fault (None: the line itself)."""

    number: int
    field: str | None
    problem: str

    def answer(self) -> Answer:
        place = f"linha {self.number}" + (f", {self.field}" if self.field else "")
        return {"id": None, "result": "invalid", "reason": f"{place}: {self.problem}"}


def enqueue_lines(lines: Iterable[str], *, clock: Callable[[], datetime]) -> Iterator[Answer]:
    """Enqueue messages line by line, answering `{"id", "result": "queued" | "deduped" | "invalid", "reason"?}` each.

    Empty lines are passed over. What was answered is committed.
    """
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    while chunk := list(islice(numbered, CHUNK)):
        yield from _enqueue_chunk([parse(number, line) for number, line in chunk], now=clock())


def parse(number: int, line: str) -> Line | BadLine:
    """Read one line; nothing is looked up."""
    try:
        return _parse(number, line)
    except InvalidMessageError as error:
        return BadLine(number=number, field=error.field, problem=error.problem)


def _parse(number: int, line: str) -> Line | BadLine:
    if len(line) > LONGEST_LINE:
        return BadLine(number=number, field=None, problem=_("is too long"))
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        return BadLine(number=number, field=None, problem=_("is not JSON"))
    if not isinstance(values, dict):
        return BadLine(number=number, field=None, problem=_("is not a JSON object"))
    unknown = sorted(set(values) - KNOWN_FIELDS)
    if unknown:
        raise InvalidMessageError(field=_printable(unknown[0]), problem=_("is not a known field"))
    person = Person(
        phone=_phone(values),
        name=_text(values, "nome") or "",
        kind=_choice(values, "kind", ContactKind, ContactKind.DOCTOR),
    )
    fields: dict[str, Any] = {
        "method": _choice(values, "method", Method, None),
        "text": _text(values, "text") or "",
        "template_ref": _text(values, "template_ref"),
        "channel": _choice(values, "channel", Channel, Channel.API),
        "actor_type": _choice(values, "actor_type", ActorType, ActorType.SYSTEM),
        "actor_id": _text(values, "actor_id"),
        "inbound_interaction_id": _uuid(values, "inbound_interaction_id"),
        "conversation_id": _uuid(values, "conversation_id"),
        "bypass_reason": _text(values, "bypass_reason"),
    }
    # With any contact at all: the rest of the message is checked before one is created.
    outbox.validate(NewMessage(cliente_id=UUID(int=0), **fields))
    return Line(number=number, person=person, fields=fields)


@transaction.atomic
def _enqueue_chunk(lines: list[Line | BadLine], *, now: datetime) -> list[Answer]:
    good = [line for line in lines if isinstance(line, Line)]
    ids = contacts.find_or_create([line.person for line in good])
    messages = [NewMessage(cliente_id=ids[line.person.phone], **line.fields) for line in good]
    answers = iter(outbox.enqueue_many(messages, now=now) if messages else [])
    return [line.answer() if isinstance(line, BadLine) else _answer(next(answers)) for line in lines]


def _answer(result: Queued | Deduped) -> Answer:
    if isinstance(result, Queued):
        return {"id": str(result.id), "result": "queued"}
    return {"id": str(result.of) if result.of else None, "result": "deduped", "reason": "duplicate"}


def _printable(name: str) -> str:
    """A field's name as it can be shown, whatever bytes it came from, and without the person it may be about."""
    return redaction.redact(name)[:LONGEST_NAME].encode("unicode_escape").decode("ascii")


def _phone(values: Mapping[str, Any]) -> str:
    raw = _text(values, "telefone")
    if not raw:
        raise InvalidMessageError(field="telefone", problem=_("is missing"))
    try:
        return phones.normalise(raw)
    except phones.InvalidPhoneError as error:
        raise InvalidMessageError(field="telefone", problem=_("is not a phone that can exist")) from error


def _text(values: Mapping[str, Any], name: str) -> str | None:
    value = values.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidMessageError(field=name, problem=_("must be text"))
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise InvalidMessageError(field=name, problem=_("holds characters that cannot be stored"))
    return value


def _choice(values: Mapping[str, Any], name: str, choices: type[Choice], default: Choice | None) -> Choice:
    value = _text(values, name)
    if value is None and default is not None:
        return default
    try:
        return choices(value or "")
    except ValueError as error:
        allowed = ", ".join(choices)
        raise InvalidMessageError(field=name, problem=_("must be one of {allowed}").format(allowed=allowed)) from error


def _uuid(values: Mapping[str, Any], name: str) -> UUID | None:
    value = _text(values, name)
    if value is None:
        return None
    try:
        return UUID(value)
    except ValueError as error:
        raise InvalidMessageError(field=name, problem=_("must be a UUID")) from error
