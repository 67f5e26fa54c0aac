"""What is a request: rules over concepts, in the language of `pattern`, and what takes each of them back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, partial

from outbound.optout.fold import STOP
from outbound.optout.pattern import LETTERS, SMALL, expression, lettered

# "não precisa me …", "não quero que …": what is asked after it is not.
DENIED = "NOT idle? idle? idle?"
# What follows makes it one about a part: "… hoje", "… da escala", "… de pediatria", "… por pix".
PARTLY = ".. .. LIMIT|SHIFT|PAY"
# What follows at once is something else: "parem de chamar outro", "não procurem substituto".
SOMETHING_ELSE = "LIMIT|SHIFT|PAY|_"
# Offers are all offers unless a word we may not even know narrows them down: "vagas longe", "vagas em Recife".
SOME_ONLY = ".. .. LIMIT|SHIFT|PAY|WITHOUT|_"
SOME_OFFERS = f"OFFER {SOME_ONLY}"


@dataclass(frozen=True)
class Rule:
    """A pattern that asks for something, unless another stands before it, behind it, or anywhere in the message."""

    says: str
    unless_before: str | None = None
    unless_after: tuple[str, ...] = (PARTLY,)
    unless_anywhere: str | None = None

    def holds(self, said: str) -> bool:
        """Whether somebody says so, in the letters of a message's concepts."""
        matches = self._reading.finditer(said)
        asked = any(match["before"] is None and match["after"] is None for match in matches)
        return asked and not (self.unless_anywhere and re.search(expression(self.unless_anywhere), said))

    @cached_property
    def _reading(self) -> re.Pattern[str]:
        before = f"(?P<before>{expression(self.unless_before)}{SMALL})?" if self.unless_before else "(?P<before>(?!))?"
        after = "|".join(map(expression, self.unless_after)) or "(?!)"
        # Found and then refused, not forbidden: what is forbidden only sends the engine looking for a shorter match.
        return re.compile(f"{before}{expression(self.says)}(?=(?P<after>{after})|)")


Order = partial(Rule, unless_before=DENIED)
ALL_MEANT = (PARTLY, SOMETHING_ELSE)
ALL_OFFERS_MEANT = (PARTLY, SOMETHING_ELSE, SOME_OFFERS)


@dataclass(frozen=True, kw_only=True)
class Commands:
    """Words that ask for something when nothing else is said: in the whole message, or in a sentence of it."""

    alone: str
    in_a_clause: str = ""
    polite: str = "YOU CAN TO WITH THIS ME WANT OF IS MY IN"

    def given(self, said: str) -> bool:
        """Whether such words are all there is."""
        alone, in_a_clause, polite = map(_letters, (self.alone, self.in_a_clause, self.polite))
        clauses = [set(clause) - polite for clause in said.split(LETTERS[STOP])]
        everything = set().union(*clauses)
        return alone >= everything > set() or any(in_a_clause >= clause > set() for clause in clauses)


def _letters(names: str) -> set[str]:
    return set(lettered(names.split()))


COMMANDS = Commands(
    alone="STOP LEAVE LEAVE:did UNSUB REMOVE REMOVAL ENDING END ENOUGH BLOCK BLOCK:did BLOCK:done",
    in_a_clause="STOP LEAVE",
)
BACK_COMMANDS = Commands(alone="RETURN INCLUDE RECEIVE AGAIN")

STOPPING = (
    # "para de me mandar mensagem", "parem de incomodar", "deixem de ligar"; not "para de mandar áudio"
    Order("STOP IS? ME? IS? SEND|BOTHER ME? messages"),
    Order("STOP IS? ME? IS? SEND|BOTHER ME?", unless_after=ALL_OFFERS_MEANT),
    Order("LET OF IS? ME? IS? SEND|BOTHER ME?", unless_after=ALL_OFFERS_MEANT),
    Order("STOP ME SEEK"),
    Order("STOP ENTER CONTACT"),
    Order("STOP USE MY? NUMBER|CONTACT"),
    # "quero parar de receber"
    Order("STOP RECEIVE messages|$"),
    Order("LET OF RECEIVE messages|$"),
    # "parem com isso", "cessem os envios", "cancela minha inscrição"; not "foi parar no spam"
    Rule("STOP _? messages", unless_before="NOT|GO|HOW idle? idle?"),
    Order("STOP WITH $"),
    Order("END|END:I|REVOKE .. MESSAGE|SENDING|RECEIVE|LIST|CONTACT|THIS"),
    Order("HOW REMOVE:I|END:I messages"),
    Order("BLOCK|END MY NUMBER|CONTACT"),
    # "sair da lista", "já pedi pra sair"; not "tinha pedido pra sair, mas quero voltar"
    Order("LEAVE|LEAVE:did MY WHATSAPP|NUMBER"),
    Order("LEAVE LIST|HERE|messages", unless_anywhere="WANT RETURN"),
    Order("ASK STOP|LEAVE|REMOVE LIST|$", unless_anywhere="WANT RETURN"),
)
REMOVING = (
    # "me tira dessa lista", "retirem-me daí"; not "me tira da escala", "me tira uma dúvida"
    Order("ME|HIM REMOVE LIST|HERE|messages|$"),
    Order("REMOVE ME|HIM LIST|HERE|messages|$"),
    # "apaguem meu número"; not "tira meu nome dessa vaga"
    Order("REMOVE MY mine", unless_after=(PARTLY, "OF|IN OFFER", "OF|IN .")),
    Order("REMOVE NUMBER|CONTACT HIM|LIST|HERE|$"),
    Order("REMOVE LIST|HERE"),
    # "número errado, pode apagar"
    Order("WRONG|NUMBER|CONTACT|THIS . CAN? REMOVE $", unless_anywhere="MESSAGE WRONG"),
    Order("UNSUB"),
    # "quero ser removida", "solicito a exclusão dos meus dados"
    Order("WANT|ASK|NEED ME? IS? REMOVE:done LIST|HERE|$"),
    Order("WANT .. MY NUMBER|CONTACT REMOVE:done"),
    Order("NUMBER|CONTACT|LIST NEED? IS REMOVE:done"),
    Order("ASK|WANT MY? REMOVAL $"),
    Order("REMOVAL|ENDING .. LIST|NUMBER|CONTACT|MESSAGE|SENDING"),
)
LEAVING_ALONE = (
    # "me esquece", "perde meu número", "me deixa em paz", "me deixe fora dessa lista", "vaza"
    Order("FORGET MY? NUMBER|CONTACT"),
    Order("ME FORGET $"),
    Order("FORGET ME"),
    Order("ME LET PEACE|QUIET"),
    Order("LET ME? PEACE"),
    Order("MY NUMBER|CONTACT OUT LIST"),
    Order("LET|GO OUT .. LIST|MESSAGE|THIS"),
    Order("VANISH", unless_after=(PARTLY, "_|NOT")),
    Order("ME? SPARE ME? messages"),
    # "chega de mensagem", "não aguento mais receber", "dispenso esse contato"
    Rule("ENOUGH OF .. MESSAGE|RECEIVE|SENDING|CONTACT|WHATSAPP"),
    Rule("TIRED .. ME SEND"),
    Rule("TIRED .. MESSAGE|RECEIVE|SENDING|CONTACT"),
    Rule("MESSAGE . ENOUGH $"),
    Order("REFUSE .. MESSAGE|CONTACT|SENDING"),
    # "nada de mensagem pra mim"; not "nada de mensagem ainda"
    Rule("NOTHING MESSAGE|CONTACT ME|MORE"),
)
THREATENING = (
    # "vou bloquear esse número", "se mandar de novo eu bloqueio"; not "vou bloquear a agenda"
    Order("GO .. BLOCK", unless_anywhere="NOT PAY"),
    Order("GO _? BLOCK:I $"),
    Order("BLOCK:I IF"),
    Order("STAY SEND .. BLOCK|BLOCK:I"),
    Order("IF NOT? .. BLOCK|BLOCK:I"),
    Order("IF NOT? .. . .. BLOCK|BLOCK:I"),
    Order("BLOCK:did|BLOCK:done|BLOCK:I YOU|NUMBER|CONTACT|MESSAGE"),
    Order("BLOCK HOW MESSAGE"),
    Order("YOU NUMBER|CONTACT? GO IS? BLOCK:done"),
    # "vou acionar o procon"; not "vou processar o hospital"
    Order("GO|IF|ENTER NOT? .. SUE", unless_anywhere="SHIFT|PAY"),
    Order("SUE .. IF|MESSAGE|SEND", unless_anywhere="SHIFT|PAY"),
)
REFUSING_TO_BE_WRITTEN_TO = (
    # "não me mande mais", "não precisa mais me escrever"; not "não me mande o contrato", "não me ligue hoje"
    Rule("NOT idle? idle? MORE? ME? SEND ME? NOT? MORE"),
    Rule("NOT idle? idle? MORE ME? SEND ME? messages|$"),
    Rule("NOT CAN|DARE|GO|IS|WANT? ME? SEND ME? NOT? messages", unless_before="LIMIT", unless_after=(PARTLY, ".. NOW")),
    Rule("NOT idle? idle? MORE? ME? SEND ME? NOT? MORE? OFFER", unless_after=(SOME_ONLY, ".. . ONLY")),
    Rule("NOT MORE? SEND NUMBER $"),
    # "manda mais não"
    Rule("SEND|RECEIVE|BOTHER MORE NOTHING|MESSAGE? NOT"),
    # "não me mandam mais" asks; "vocês não me mandam mais" complains
    Rule("NOT ME? SEND:they ME? MORE|messages", unless_before="YOU|THAT"),
    # "não me chamem"; not "não me liga, escreve"
    Rule("NOT IS? MORE? ME SEND .", unless_after=(".. SEND|MESSAGE|WHATSAPP|LIMIT|WANT",), unless_anywhere="NOW|LIMIT"),
    # "não me perturbem", "não me procure mais"
    Rule("NOT idle? idle? MORE? ME? BOTHER ME? MORE?", unless_after=ALL_MEANT),
    Rule("NOT idle? idle? MORE? ME SEEK MORE?", unless_after=ALL_MEANT),
    Rule("NOT MORE? SEEK MORE? ME"),
    Rule("NOT idle? idle? MORE? ENTER MORE? CONTACT"),
    # "não quero mais ser contatada", "prefiro não ser contatada"
    Rule("NOT WANT MORE? IS MORE? reached", unless_after=ALL_MEANT),
    Rule("WANT NOT MORE? IS MORE? reached", unless_after=ALL_MEANT),
)
REFUSING_TO_RECEIVE = (
    # "não quero mais receber", "não tenho interesse em receber mensagens"; not "não quero receber por pix"
    Rule("NOT|WITHOUT idle? MORE? NEED|WANT MORE? STAY|IS? RECEIVE MORE? messages|$"),
    Rule("NOT|WITHOUT idle? MORE ME? NEED|WANT RECEIVE", unless_after=ALL_OFFERS_MEANT),
    Rule("NOT idle? NEED|WANT MORE STAY? RECEIVE", unless_after=ALL_OFFERS_MEANT),
    Rule("NOT NEED|WANT STAY? RECEIVE MORE", unless_after=ALL_OFFERS_MEANT),
    Rule("NOT idle? NEED|WANT STAY? RECEIVE OFFER", unless_after=(SOME_ONLY,)),
    # "como faço para não receber mais"
    Rule("NOT MORE? RECEIVE MORE? MESSAGE|CONTACT|NOTHING|THIS"),
    Rule("NOT RECEIVE MORE", unless_after=ALL_OFFERS_MEANT),
    Rule("NOT MORE RECEIVE $"),
    # "não quero mensagem", "sem mais mensagens", "não quero mais nada"; not "esse mês não quero mais nada"
    Rule("NOT idle? WANT MORE? MESSAGE|CONTACT"),
    Rule("NOT NEED MORE MESSAGE|CONTACT"),
    Rule("NOT WANT MORE _ MESSAGE"),
    Rule("NOT|WITHOUT MORE? MESSAGE|CONTACT $"),
    Rule("NOT NEED|WANT MORE NOTHING", unless_before="LIMIT", unless_after=ALL_MEANT),
    Rule("NOT WANT NOTHING YOU"),
    # "não quero fazer parte dessa lista", "não me incluam mais em listas"
    Rule("NOT WANT MORE? ENTER? IS|STAY MY? NUMBER? LIST"),
    Rule("NOT WANT MORE? MY NUMBER|CONTACT LIST"),
    Rule("NUMBER|CONTACT NOT NEED? STAY LIST"),
    Rule("NOT ME INCLUDE MORE? LIST|SENDING|MESSAGE"),
    Rule("NOT ME INCLUDE MORE $"),
)
REFUSING_CONSENT = (
    # "não autorizo o uso do meu número", "quem autorizou? não autorizo"
    Rule("NOT ALLOW|AGREE .. SEND|BOTHER|MESSAGE|NUMBER|CONTACT|THIS|SENDING"),
    Rule("NOT .. ALLOW .. SEND|MESSAGE|CONTACT|NUMBER"),
    Rule("NUMBER|CONTACT|MESSAGE .. NOT ALLOW"),
    Rule("NOT ALLOW $", unless_anywhere="SHIFT|PAY"),
    Rule("NOT MORE? USE MORE? MY? NUMBER|CONTACT", unless_after=ALL_MEANT),
    # "retiro meu consentimento"
    Order("REVOKE|REMOVE|REMOVE:I|END|END:I .. ALLOW"),
)
REQUESTS = (
    *(STOPPING + REMOVING + LEAVING_ALONE + THREATENING),
    *(REFUSING_TO_BE_WRITTEN_TO + REFUSING_TO_RECEIVE + REFUSING_CONSENT),
)

RETURNS = (
    # "quero receber de novo", "pode voltar a me mandar", "me coloca de volta na lista"
    Order("WANT|CAN RETURN? ME? SEND|RECEIVE .. AGAIN"),
    Order("WANT|CAN RETURN SEND|RECEIVE|IS"),
    Order("RETURN ME? SEND"),
    Order("ME INCLUDE .. AGAIN"),
)
