"""A campaign's text with its variables: `Oi {primeiro_nome}, plantão no {hospital}!`; `{{` and `}}` are braces.

Safe: a variable is a name and nothing else (no attributes, formats or code), what it stands for is put in once and
never read again, and a name that is unknown is an error when the campaign is drafted, before anything is sent.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from outbound.methods import LONGEST_TEXT

TOKEN = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[{}]")
NAME = re.compile(r"[^\W\d]\w{0,39}")
# Before the name proper in Portuguese; without dots and in lower case.
TITLES = frozenset({"dr", "dra", "doutor", "doutora", "prof", "profa", "sr", "sra"})


class Personal(StrEnum):
    """Variables that differ from person to person."""

    NAME = "nome"
    FIRST_NAME = "primeiro_nome"


class TextProblem(StrEnum):
    """Why a text cannot be sent as it is."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNKNOWN_VARIABLE = "unknown_variable"
    STRAY_BRACE = "stray_brace"
    BAD_VARIABLE = "bad_variable"
    UNSTORABLE = "unstorable"


class LeftOut(StrEnum):
    """Why somebody in the audience gets no message, as `campaign_recipients.left_out` says it."""

    NO_NAME = "no_name"
    TEXT_TOO_LONG = "text_too_long"
    ALREADY_RECEIVED = "already_received"
    DUPLICATE = "duplicate"
    WINDOW_ENDED = "window_ended"
    CANCELLED = "campaign_cancelled"


class TextError(ValueError):
    """The text cannot be sent: `names` are the variables at fault, where some are."""

    def __init__(self, problem: TextProblem, *names: str) -> None:
        super().__init__(f"{problem}: {', '.join(names)}" if names else problem)
        self.problem = problem
        self.names = names


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text that can be sent, in parts: what is the same for everybody, and what is the person's own."""

    parts: tuple[str | Personal, ...]

    @classmethod
    def parse(cls, text: str, variables: Mapping[str, str]) -> Self:
        """Read a text and put its campaign's variables in.

        Raises:
            TextError: when it is empty, over WhatsApp's limit, or a variable is unknown or empty.
        """
        _check_variables(variables)
        if "\x00" in text:
            raise TextError(TextProblem.UNSTORABLE)
        parts = tuple(_parts(text, variables))
        unknown = {name for name in _names(text) if name not in variables and name not in {*Personal}}
        if unknown:
            raise TextError(TextProblem.UNKNOWN_VARIABLE, *sorted(unknown))
        if not "".join(parts).strip():
            raise TextError(TextProblem.EMPTY)
        if sum(len(part) for part in parts if not isinstance(part, Personal)) > LONGEST_TEXT:
            raise TextError(TextProblem.TOO_LONG)
        return cls(parts=parts)

    def render(self, *, name: str) -> str | LeftOut:
        """Write the text to one person, or say why not: nobody is called by an empty name."""
        own = _own(name)
        if any(isinstance(part, Personal) and not own[part] for part in self.parts):
            return LeftOut.NO_NAME
        text = "".join(own[part] if isinstance(part, Personal) else part for part in self.parts)
        return text if len(text) <= LONGEST_TEXT else LeftOut.TEXT_TOO_LONG


def content_key(text: str, variables: Mapping[str, str]) -> UUID:
    """What makes two campaigns the same one: 128 bits of their text and variables."""
    content = json.dumps([text.strip(), sorted(variables.items())], ensure_ascii=False)
    return UUID(hex=hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32])


def _check_variables(variables: Mapping[str, str]) -> None:
    bad = [
        name
        for name, value in variables.items()
        if not NAME.fullmatch(name) or name in {*Personal} or not value.strip() or "\x00" in value
    ]
    if bad:
        raise TextError(TextProblem.BAD_VARIABLE, *sorted(bad))


def _names(text: str) -> Iterator[str]:
    return (match["name"].strip() for match in TOKEN.finditer(text) if match["name"] is not None)


def _parts(text: str, variables: Mapping[str, str]) -> Iterator[str | Personal]:
    end = 0
    for match in TOKEN.finditer(text):
        yield text[end : match.start()]
        end = match.end()
        if match["name"] is not None:
            yield _stands_for(match["name"].strip(), variables)
        elif len(match[0]) == 1:
            raise TextError(TextProblem.STRAY_BRACE)
        else:
            yield match[0][0]
    yield text[end:]


def _stands_for(name: str, variables: Mapping[str, str]) -> str | Personal:
    return Personal(name) if name in {*Personal} else variables.get(name, "")


def _own(name: str) -> dict[Personal, str]:
    # No line breaks, and nothing that turns the direction of writing round: a name came from somewhere else.
    words = (name if name.isprintable() else "".join(map(_printable, name))).split()
    first = next((word for word in words if word.casefold().strip(".") not in TITLES), "")
    return {Personal.NAME: " ".join(words), Personal.FIRST_NAME: first}


def _printable(character: str) -> str:
    return " " if unicodedata.category(character).startswith(("C", "Z")) else character
