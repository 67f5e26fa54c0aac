"""The go/no-go document's spoken forms, turned into commands: "para as campanhas" is `toggle_campanhas off`.

Only a whole sentence of known words counts: "não para as campanhas" and "liga para a Julia" mean nothing here.
"""

from __future__ import annotations

import unicodedata

AT_ONCE = "agora"
# With the quotation marks that phones put in by themselves.
PUNCTUATION = ".,;:!?\"'\u201c\u201d\u2018\u2019"
FILLERS = frozenset(["a", "as", "o", "os", "da", "do", "das", "de", "por", "favor", "pfv", "ai", "ja", "externa"])
STOP = frozenset(
    [
        "para",
        "pare",
        "parar",
        "pausa",
        "pause",
        "pausar",
        "desativa",
        "desative",
        "desativar",
        "desliga",
        "desligue",
        "desligar",
        "suspende",
        "suspender",
    ]
)
START = frozenset(
    [
        "liga",
        "ligue",
        "ligar",
        "ativa",
        "ative",
        "ativar",
        "religa",
        "religar",
        "retoma",
        "retome",
        "retomar",
        "volta",
        "voltar",
        "reativa",
    ]
)
TARGETS = {
    "campanhas": ("toggle_campanhas off", "toggle_campanhas on"),
    "campanha": ("toggle_campanhas off", "toggle_campanhas on"),
    "julia": ("pausar_julia", "retomar_julia"),
    "tudo": ("pausar_julia", "retomar_julia"),
    "ponte": ("toggle_ponte_externa off", "toggle_ponte_externa on"),
}
QUESTIONS = {
    "como ta julia": "status",
    "como esta julia": "status",
    "como vai julia": "status",
    "tudo bem julia": "status",
    "como estao campanhas": "toggle_campanhas status",
    "como ta ponte": "toggle_ponte_externa status",
    "como esta ponte": "toggle_ponte_externa status",
}


def fold(text: str) -> str:
    """Bring text to small letters without accents and punctuation around its words."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return " ".join(word.strip(PUNCTUATION) for word in bare.split()).strip()


def understand(text: str) -> str | None:
    """Answer the command line a sentence stands for; None when it is not one of the known ones."""
    spoken = [word for word in fold(text).split() if word not in FILLERS]
    words = [word for word in spoken if word != AT_ONCE]
    match words:
        case [verb, target] if target in TARGETS and verb in STOP:
            return " ".join([TARGETS[target][0], *([AT_ONCE] if AT_ONCE in spoken else [])])
        case [verb, target] if target in TARGETS and verb in START:
            return TARGETS[target][1]
        case _:
            return QUESTIONS.get(" ".join(words))
