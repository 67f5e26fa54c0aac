r"""What looks like personal data, so that no event, log line or metric carries any.

The patterns `IN_DATABASE` stand in the CHECK of `business_events`, too, in a syntax that Python and PostgreSQL share
(`migrations/sql/0090_look_for_persons_faster.sql`); `FURTHER` forms of writing are refused and redacted here only.
Identifiers are taken out first: a UUID or a provider's message id holds digits enough to pass for a phone.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping
from itertools import chain
from typing import Any
from urllib.parse import unquote

PREFIX_DIGITS = 5

IDENTIFIER = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|(?<![0-9A-Za-z])[0-9A-Fa-f]{16,}(?![0-9A-Za-z])"
)
# What PostgreSQL refuses, too.
IN_DATABASE = {
    "phone": r"(?<![0-9])(?<![0-9][.])[0-9]{10,15}(?![0-9])"
    r"|(?<![0-9])[(]?0?[1-9][0-9][)]?[ .-]?(?:9[ .-]?)?[0-9]{4}[ .-]?[0-9]{4}(?![0-9])",
    "CPF": r"(?<![0-9])[0-9]{3}[.][0-9]{3}[.][0-9]{3}-?[0-9]{2}(?![0-9])",
    "e-mail": r"[^ @\"<>]+@[^ @\"<>]+[.][A-Za-z]{2,}",
}
# Between two groups of a number: spaces of any kind, dots, slashes, dashes of any kind, brackets.
GAP = r"[\s./()\-\u2010-\u2015]"
FURTHER = {
    # +5511 98765-4321, 11  98765 - 4321, 11/98765-4321; 11 987 654 321; 98765-4321 without its area; other digits
    "phone": rf"(?<!\d)(?:[+]?55{GAP}{{0,3}})?0?[1-9]\d{GAP}{{0,3}}(?:9{GAP}{{0,3}})?\d{{4}}{GAP}{{0,3}}\d{{4}}(?!\d)"
    rf"|(?<!\d)[1-9]\d{GAP}{{1,3}}9\d\d{GAP}{{1,3}}\d{{3}}{GAP}{{1,3}}\d{{3}}(?!\d)"
    rf"|(?<!\d)9\d{{4}}{GAP}{{1,3}}\d{{4}}(?!\d)"
    r"|(?<!\d)(?<!\d[.])\d{10,15}(?!\d)",
    # 123 456 789 09, 123456789-09
    "CPF": rf"(?<!\d)\d{{3}}{GAP}\d{{3}}{GAP}\d{{3}}{GAP}{{0,3}}\d\d(?!\d)|(?<!\d)\d{{9}}{GAP}{{1,3}}\d\d(?!\d)",
}
PATTERNS = {
    kind: re.compile("|".join(filter(None, (pattern, FURTHER.get(kind))))) for kind, pattern in IN_DATABASE.items()
}
# Nothing shorter is a phone or a CPF, and no e-mail goes without its sign: most texts need no further look.
WORTH_A_LOOK = re.compile(rf"@|(?:\d{GAP}{{0,3}}){{8}}\d")
# As addresses have them, quoted once or more often (%20, %2520, %C2%A0), and as Python and JSON do (\xa0, \u00a0).
ESCAPED = re.compile(r"(?:%(?:25)*[0-9A-Fa-f]{2})+|\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[tnr])")


class PersonalDataError(ValueError):
    """Something that looks like a phone, an e-mail or a CPF stands where none may; the message names the kind only."""


def unescaped(text: str) -> str:
    """Write out what is escaped, so that `11%2098765-4321` reads `11 98765-4321`; control characters become spaces."""
    return ESCAPED.sub(_written_out, text) if "%" in text or "\\" in text else text


def _written_out(escaped: re.Match[str]) -> str:
    sequence = escaped[0]
    try:
        characters = (
            unquote(re.sub("%(?:25)+", "%", sequence), errors="strict")
            if sequence.startswith("%")
            else codecs.decode(sequence, "unicode_escape")
        )
    except UnicodeDecodeError:  # no escape, but a per cent sign before letters
        return sequence
    return "".join(character if character.isprintable() else " " for character in characters)


def find_kind(text: str) -> str | None:
    """Name the kind of personal data the text seems to hold: `phone`, `CPF`, `e-mail`, or None."""
    bare = IDENTIFIER.sub("", unescaped(text))
    if not WORTH_A_LOOK.search(bare):
        return None
    return next((kind for kind, pattern in PATTERNS.items() if pattern.search(bare)), None)


def refuse(*events: Mapping[str, Any]) -> None:
    """Let the properties of events pass, or refuse them: of many, in one look.

    Raises:
        PersonalDataError: naming the property and the kind, never the value.
    """
    found = find_kind(_as_text(events))
    if found is None:
        return
    for key, value in chain.from_iterable(props.items() for props in events):
        if kind := find_kind(_as_text({key: value})):
            raise PersonalDataError(f"event_props[{key!r}] looks like a {kind}; events carry no personal data.")
    # No property by itself: what they make together is refused all the same.
    raise PersonalDataError(f"event_props look like they hold a {found}; events carry no personal data.")


def _as_text(something: Any) -> str:
    return json.dumps(something, ensure_ascii=False, default=str)


def phone_prefix(phone: str) -> str:
    """Cut a phone to the five digits that events and logs may show (`telefone_prefix`)."""
    return phone[:PREFIX_DIGITS]
