"""The small language the rules are written in, over concepts.

    NOT WANT|NEED MORE? RECEIVE      # these in this order; one of several; one that may be missing
    REMOVAL .. LIST                  # up to three words between them, of any kind but a denial
    STOP RECEIVE $                   # and the clause ends
    WRONG . REMOVE                   # and the next clause begins

Only what says so reaches beyond its clause. Between any two words the small ones (of, to, that, you) may stand.
"""

from __future__ import annotations

from collections.abc import Iterable

from outbound.optout.fold import STOP
from outbound.optout.lexicon import STEMS, UNKNOWN, WORDS

# Concepts as letters of private use, one each, so that a rule is a short regular expression.
LETTERS = {name: chr(0xE000 + at) for at, name in enumerate(sorted({STOP, UNKNOWN, *WORDS.values(), *STEMS.values()}))}

# Several concepts a rule treats alike.
GROUPS = {
    "messages": "MESSAGE|CONTACT|SENDING|WHATSAPP|THIS|NOTHING",
    "mine": "NUMBER|CONTACT|LIST|WHATSAPP",
    "reached": "SEND:done|BOTHER:done|SEEK:done",
    "idle": "NEED|WANT|DARE|CAN|GO|IS|ME|STAY",
}


def lettered(concepts: Iterable[str]) -> str:
    """Write concepts in their letters."""
    return "".join(LETTERS[concept] for concept in concepts)


SMALL = f"[{lettered(['OF', 'IN', 'TO', 'WITH', 'BY', 'THAT', 'YOU', 'HOW', 'HAVE', 'NOW'])}]{{0,3}}"
BETWEEN = f"(?:{SMALL}[^{lettered([STOP, 'NOT', 'WITHOUT'])}]){{0,3}}?"
END = f"(?={LETTERS[STOP]})"


def expression(pattern: str) -> str:
    """Translate a pattern to a regular expression over letters."""
    return "".join(map(_part, pattern.split()))


def _part(part: str) -> str:
    if part == "..":
        return BETWEEN
    alternatives = part.removesuffix("?").split("|")
    names = [name for group in alternatives if group != "$" for name in GROUPS.get(group, group).split("|")]
    choices = ([f"[{lettered(names)}]"] if names else []) + ([END] if "$" in alternatives else [])
    return f"(?:{SMALL}(?:{'|'.join(choices)})){'?' * part.endswith('?')}"
