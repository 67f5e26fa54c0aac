"""A message as plain words: no case, accents, emoji, drawn-out or doubled letters, and a full stop between clauses."""

from __future__ import annotations

import re
import unicodedata

STOP = "."
# Longer messages are read at their beginning and end, where a request stands.
LONGEST = 2_000
INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
REPEATED = re.compile(r"([^\W\d])\1+")
TOKEN = re.compile(r"[^\W_]+|[.,;:!?\n()…|]|(?<=\s)[-\u2013\u2014](?=\s)")
SPELLED_OUT = re.compile(r"\w(?:[\s.-]+\w){3,}\W*")


def fold(text: str) -> str:
    """Bring a text to its words, one space between them, and a full stop where a clause ends.

    Every letter counts once, so that "paaaare" is "pare" and "messagem" is "mesagem"; what is looked up must be
    folded as well.
    """
    if len(text) > 2 * LONGEST:
        text = f"{text[:LONGEST]} {text[-LONGEST:]}"
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ñ", "nao ").replace("+", " mais "))
    plain = INVISIBLE.sub("", "".join(letter for letter in decomposed if not unicodedata.combining(letter)))
    if SPELLED_OUT.fullmatch(plain.strip()):
        plain = re.sub(r"\W", "", plain)
    return single(" ".join(token if token[0].isalnum() else STOP for token in TOKEN.findall(plain)))


def single(word: str) -> str:
    """Write every letter once where it is doubled or drawn out."""
    return REPEATED.sub(r"\1", word)
