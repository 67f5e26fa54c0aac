"""Reads whether somebody asks to be left alone, or to be written to again, in the Portuguese people type on WhatsApp.

    wants_out("PARE!!")                            # True
    wants_out("me tira dessa lista por favor")     # True
    wants_out("pode parar no meio do plantão?")    # False

A message is folded to plain words, the words to a few concepts (`lexicon`), and named rules look for concepts that
stand together (`rules`): "me retirem do cadastro" and "mi tira dessa porra de lista" are both `ME REMOVE OF LIST`.
So a rule is about what is said, and a word nobody thought of is one entry in the lexicon, for all rules at once.

An explicit request must never be missed, and a doctor who talks about shifts must not fall silent to us: what is
denied, or is about a shift, a time or a kind of offer only, is no request. No list of rules reads everything: the
README of the corpus in the tests says how well this one did on phrases it had never seen.
"""

from __future__ import annotations

from outbound.optout.concepts import concepts
from outbound.optout.pattern import lettered
from outbound.optout.rules import BACK_COMMANDS, COMMANDS, REQUESTS, RETURNS


def wants_out(text: str) -> bool:
    """Whether the text asks to get no more messages."""
    return _asks_out(lettered(concepts(text)))


def wants_back(text: str) -> bool:
    """Whether the text asks, in so many words, to get messages again; never when it asks for none as well."""
    said = lettered(concepts(text))
    asks = BACK_COMMANDS.given(said) or any(wish.holds(said) for wish in RETURNS)
    return asks and not _asks_out(said)


def _asks_out(said: str) -> bool:
    return COMMANDS.given(said) or any(request.holds(said) for request in REQUESTS)
