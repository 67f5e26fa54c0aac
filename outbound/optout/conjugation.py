"""The forms of a regular Portuguese verb that tell a request from a report, in folded spelling.

    conjugated("apagar")    # {"apaga": "", "apague": "", "apaguei": ":did", "apagado": ":done", …}

No mark for what asks or could (imperative, infinitive, subjunctive, gerund, and the indicative people use for them);
`:they` for the plural that only reports; `:I` and `:did` for the first person and the past; `:done` for participles.
"""

from __future__ import annotations

ENDINGS = {
    "ar": {
        "": "a e em en ar ando arem ase asem arei",
        ":they": "am",
        ":I": "o",
        ":did": "ei ou aram ava avam amos",
        ":done": "ado ada ados adas",
    },
    "er": {
        "": "e a am er endo erem ese esem",
        ":they": "em",
        ":I": "o",
        ":did": "i eu eram ia iam emos",
        ":done": "ido ida idos idas",
    },
    "ir": {
        "": "e i a am ir indo irem ise isem",
        ":they": "em",
        ":I": "o",
        ":did": "iu iram ia iam imos",
        ":done": "ido ida idos idas",
    },
}
# What keeps its sound before an e: apagar, apague; riscar, risque.
SOFTENED = {"g": "gu", "c": "qu"}


def conjugated(infinitive: str) -> dict[str, str]:
    """Give every form of the verb its mark."""
    stem, family = infinitive[:-2], infinitive[-2:]
    return {
        _before(ending, stem, family) + ending: mark
        for mark, endings in reversed(ENDINGS[family].items())
        for ending in endings.split()
    }


def _before(ending: str, stem: str, family: str) -> str:
    last = stem[-1]
    return stem[:-1] + SOFTENED[last] if family == "ar" and ending[0] == "e" and last in SOFTENED else stem
