"""A message as the concepts it is made of: "Me tira dessa lista, moço!" is `ME REMOVE OF LIST . .`."""

from __future__ import annotations

import re

from outbound.optout.fold import STOP, fold
from outbound.optout.lexicon import MISSPELT, STEMS, UNKNOWN, WORDS
from outbound.optout.typos import Typos

STEM_LENGTHS = sorted(set(map(len, STEMS)), reverse=True)
TYPOS = Typos(WORDS, misspelt=[word for word, name in WORDS.items() if name.partition(":")[0] in MISSPELT])

# Words that mean something else in company, in folded spelling.
EXPRESSIONS = [
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (r"\b(?:bo[am] (?:dia|tarde|noite)|todo (?:santo )?dia|toda hora|ate (?:logo|mais|breve)|por favor)\b", ""),
        (r"\bpor gentileza\b|\bpelo amor(?: de deus)?\b|\bpelo menos\b", ""),
        (r"\bda\b(?= pra| para)", "pode"),
        (r"\b(?:de novo|outra vez|de volta)\b", "novamente"),
        # "quero mas receber"; "mais uma mensagem e bloqueio"
        (r"\bmas (?=receb|mensag|msg|nada)", "mais "),
        (r"\bmais (?:um|uma|1) (?=mensag|mesag|msg|vez|d[eo]s|e |\.)", "proxima "),
        (r"\bnao e (?=mais|pra|para)", "nao eh "),
        (r" e ", " . "),
        # "retira meu nº", "desse n"
        (r"\b(meu|esse|este|desse|deste) no?\b", r"\1 numero"),
        (r"\bou\b", ". se"),
        (r"\bninguem (?=(?:aqui )?quer)", "nao "),
        (r"\bantes que\b", ". se"),
        # "para" stops something before "de" or "com", and alone; otherwise it only says what for
        (r"\bpara(?= c(?:om)?\b|[. ]*$)|\bp(?:a)?ra(?= de?\b)", "parem"),
        (r"\bnao(?=[a-z]{4})", "nao "),
        (r"\bme(?=tir|remov|exclu|descad)", "me "),
        (r"\b(?:ter|tenho|terei|teremos|obrigado a) (?:que|de)\b", "vou "),
        (r"\bbanco de dados\b|\bagenda de v\w+", "lista"),
        (r"\bdo (?:meu )?pe\b", "em paz"),
        (r"\bme era\b|\bsai (?:fora|daqui)\b|\bva[io] \w+ outro\b", "sumam"),
        (r"\ba ?fim de\b", "quero"),
        (r"\b(?:se )?abst\w+(?: se)?\b", "parem"),
        (r"\bopt out\b", "optout"),
        (r"\bfal(?:a|e|em|ar|arem) (mais )?comigo\b", r"contatem \1"),
    )
]


def concepts(text: str) -> list[str]:
    """Read a text as its concepts, with a full stop where a clause ends."""
    folded = f"{fold(text)} {STOP}"
    for expression, meaning in EXPRESSIONS:
        folded = expression.sub(meaning, folded)
    return [*filter(None, map(concept, folded.split()))]


def concept(word: str) -> str:
    """Name what a folded word stands for: nothing for filler, `_` for a word we do not know."""
    if word == STOP:
        return STOP
    if word[0].isdigit():
        return "LIMIT"
    if word in WORDS:
        return WORDS[word]
    stems = (STEMS.get(word[:length]) for length in STEM_LENGTHS)
    return next(filter(None, stems), None) or TYPOS.meaning(word) or UNKNOWN
