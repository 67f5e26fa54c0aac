"""Reads a divulgador's answer in the chat: that a shift was settled, that it was not, which one of several, or neither.

    read("CONFIRMADO!!")                       # Decision.CONFIRMED
    read("Não fechou, infelizmente")           # Decision.NOT_CONFIRMED
    read("não confirmado ainda")               # None
    read_choice("a 2, por favor")              # 2

A wrong decision closes or opens a shift, and one that is missed is asked for again: so a clause counts only when every
word in it is known, any doubt in the message undoes it, and two that contradict each other do not count at all.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum

from handoff.states import Decision


class Kind(Enum):
    """What one clause of a message says."""

    YES = Decision.CONFIRMED
    NO = Decision.NOT_CONFIRMED
    DOUBT = "doubt"
    NOTHING = "nothing"


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


# What is longer is a story, and a person reads it.
LONGEST = 300
INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
NO_WORD = re.compile(r"[^\w]+|_")
DRAWN_OUT = re.compile(r"(\w)\1{2,}")
SPELLINGS = {"n": "nao", "naum": "nao", "num": "nao", "vo": "vou", "pf": "favor", "pfv": "favor", "obg": "obrigado"}
# A clause and how it ends; a number's point or slash ends none.
CLAUSE = re.compile(r"((?:[^.,!?;:\n]|(?<=\d)[.,:](?=\d))*)([.,!?;:\n]*)")

SMALL_TALK = _words(
    "por favor gentileza oi ola opa e bom boa bons dia tarde noite tudo bem ok okay certo certinho beleza blz show top",
    "perfeito otimo otima maravilha obrigado obrigada grato grata valeu vlw abraco abracos abs sim isso aqui ai ja ta",
    "esta estao eh foi ficou entao viu graca gracas deus senhor senhora julia pessoal gente amigo amiga infelizmente",
    "pena desculpa lamento parabens feito pronto tranquilo joia legal muito com certeza enfim finalmente bjs sucesso",
)
# What the decision is about; none of these changes what was decided.
ABOUT = _words(
    "o a os as um uma esse essa este esta desse dessa deste desta do da de dos das no na pro pra ao para plantao",
    "plantoes vaga turno escala medico medica doutor doutora dr dra colega dia ela ele eu nos semana",
    "segunda terca quarta quinta sexta sabado domingo feira amanha hoje manha noturno diurno feriado horas r reais mil",
    "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro presenca",
)
NUMBER = re.compile(r"\d+(?:h|hs|hrs)?")
# Where one of these stands, nothing is decided yet, or something speaks against it.
DOUBTS = _words(
    "ainda vou vamos vai vao irei ira quando se caso talvez depende dependendo aguardo aguardando aguarda aguarde",
    "espera espere esperando esperar falta faltando faltam depois mas porem quase acho achei parece pareceu condicao",
    "logo breve retorno verificar verificando verei ver falar falando perguntar perguntei quero preciso posso seria",
    "confirmar confirmando fechando ne hein sera desistiu cancelou cancelado cancelada cancelar duvida tentando tentar",
    "provavelmente possivelmente previsao pendente minuto minutinho instante momento daqui porque nem sem",
    "te lhe ate assim so confirmaram confirmou",
)
YES_WORDS = _words("confirmado confirmada confirmadissimo confirmei confirmamos fechou fechado fechada fechamos fechei")
# "confirmo" is said of what is still to come, too ("já confirmo", "confirmo amanhã"): only where little else is said.
PROMISE = re.compile(r"(?:sim |ok |eu |entao )*confirmo(?: sim| o plantao| a vaga| a medica| o medico| a presenca)*")
REFUSAL = re.compile(
    r"nao (?:conseguimos |consegui |conseguiu |chegamos |teve |houve |deu )*"
    r"(?:fechou|fechado|fechada|fechamos|fechei|fecharam|fechar|acordo|deu|rolou)"
)
# "não confirmado" may mean that nobody knows yet: only as the whole message.
BARE_REFUSAL = re.compile(r"nao (?:foi |esta )?(?:confirmado|confirmada)")
SOMEBODY_ELSE = _words("outro outra outros outras")
PERSON = _words("pessoa profissional")
# Whoever it was settled with has a name, which no list of ours holds.
WITH = "com"
LONGEST_NAME = 4

CHOICE = re.compile(r"(?:numero |opcao |item )?(?P<number>[1-9]\d?)")
# No "segunda", which is Monday, too; nor "dia", which makes a number a date.
ORDINALS = {"primeiro": 1, "primeira": 1, "segundo": 2, "terceiro": 3, "terceira": 3}
AROUND_A_CHOICE = (SMALL_TALK | _words("o a no na eh seria plantao vaga")) - {"dia"}


def read(text: str) -> Decision | None:
    """Read what the text decides; None when it decides nothing, asks, doubts, or says one thing and its contrary."""
    if len(text) > LONGEST:
        return None
    if BARE_REFUSAL.fullmatch(fold(text)) and "?" not in text:
        return Decision.NOT_CONFIRMED
    kinds = {_kind(clause, end) for clause, end in CLAUSE.findall(text) if clause.strip()} - {Kind.NOTHING}
    if kinds == {Kind.YES}:
        return Decision.CONFIRMED
    return Decision.NOT_CONFIRMED if kinds == {Kind.NO} else None


def read_choice(text: str) -> int | None:
    """Read which of a numbered list is meant; None when the text is more than a choice."""
    core = " ".join(word for word in fold(text).split() if word not in AROUND_A_CHOICE)
    match = CHOICE.fullmatch(core)
    return int(match["number"]) if match and "?" not in text else ORDINALS.get(core)


def fold(text: str) -> str:
    """Bring a text to its words: no case, accents, punctuation, emoji or drawn-out letters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    words = DRAWN_OUT.sub(r"\1", NO_WORD.sub(" ", INVISIBLE.sub("", plain))).split()
    return " ".join(SPELLINGS.get(word, word) for word in words)


def _kind(clause: str, end: str) -> Kind:
    words = fold(clause).split()
    if DOUBTS & set(words):
        return Kind.DOUBT
    kind = _statement(words)
    if "?" not in end:
        return kind
    # "Confirmado?", "Confirmado, certo?": he is asking. Any other question asks about something else.
    is_about_it = kind is not Kind.NOTHING or set(words) <= SMALL_TALK
    return Kind.DOUBT if is_about_it else Kind.NOTHING


def _statement(words: list[str]) -> Kind:
    core = _core(words)
    if "nao" in words:
        return Kind.NO if REFUSAL.fullmatch(" ".join(core)) else Kind.DOUBT
    if not YES_WORDS & set(core):
        return Kind.YES if PROMISE.fullmatch(" ".join(words)) else Kind.NOTHING
    if SOMEBODY_ELSE & set(words):
        return Kind.NO if set(core) <= YES_WORDS | SOMEBODY_ELSE | PERSON else Kind.DOUBT
    return Kind.YES if set(core) <= YES_WORDS else Kind.NOTHING


def _core(words: list[str]) -> list[str]:
    """Leave out what changes nothing: small talk, what it is about, and the name of whom it was settled with."""
    known, with_, rest = words, "", list[str]()
    if WITH in words[1:]:
        at = len(words) - 1 - words[::-1].index(WITH)
        known, with_, rest = words[:at], words[at], words[at + 1 :]
    name = _bare(rest)
    is_name = with_ and len(name) <= LONGEST_NAME and not (YES_WORDS | SOMEBODY_ELSE | PERSON | {"nao"}) & set(name)
    return _bare(known) + ([] if is_name else name)


def _bare(words: list[str]) -> list[str]:
    return [word for word in words if word not in SMALL_TALK | ABOUT and not NUMBER.fullmatch(word)]
