"""Words somebody may have meant who slipped once while typing; the first letter is always taken to be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

# Two letters swapped make a word of four letters unlike any other; any other slip does so from six letters on.
SHORTEST_SWAPPED, SHORTEST = 4, 6
LONGEST = 20
# An end that is written as it is spoken: "mandi", "tiru".
SPOKEN = {"i": "e", "u": "o"}
ANY_LETTER = "?"


class Typos:
    """What slips of known words mean, made ready to be looked up by what was typed."""

    def __init__(self, meanings: Mapping[str, str], misspelt: Iterable[str]) -> None:
        """Take the words' meanings, and those of them that are looked for despite a wrong letter as well."""
        self._meanings = meanings
        self._slips = {
            slip: meaning for word, meaning in meanings.items() for slip in (*_without_one(word), *_swapped(word))
        }
        self._misspelt = {slip: meanings[word] for word in misspelt for slip in _with_one_open(word)}

    def meaning(self, typed: str) -> str | None:
        """Find what the word means that was slipped on: a letter too few, too many, wrong, or two swapped."""
        if len(typed) > LONGEST:
            return None
        spoken = typed[:-1] + SPOKEN.get(typed[-1], typed[-1])
        shorter = _without_one(typed) if len(typed) > SHORTEST else ()
        found = (
            *(self._meanings.get(word) for word in (spoken, *shorter)),
            self._slips.get(typed),
            *(self._misspelt.get(slip) for slip in _with_one_open(typed)),
        )
        return next(filter(None, found), None)


def _without_one(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(1, len(word) * (len(word) >= SHORTEST)))


def _swapped(word: str) -> Iterator[str]:
    last = len(word) - 1 if len(word) >= SHORTEST_SWAPPED else 0
    return (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(1, last))


def _with_one_open(word: str) -> Iterator[str]:
    return (word[:at] + ANY_LETTER + word[at + 1 :] for at in range(1, len(word) * (len(word) >= SHORTEST)))
