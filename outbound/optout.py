"""Reads whether somebody asks to be left alone, or to be written to again, in the Portuguese people type on WhatsApp.

    wants_out("PARE!!")                            # True
    wants_out("me tira dessa lista por favor")     # True
    wants_out("pode parar no meio do plantão?")    # False

An explicit request must never be missed, and a doctor who talks about shifts must not fall silent to us: so a word
alone counts only when it is the whole message, and a phrase only with what it is about. `manage.py optout_corpus`
measures it.
"""

from __future__ import annotations

import re
import unicodedata


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


# Longer messages are read at their beginning and end, where a request stands.
LONGEST = 2_000
INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")
DRAWN_OUT = re.compile(r"(\w)\1{2,}")
NO_WORD = re.compile(r"[^\w]+|_")

# What people type, by the one spelling the phrases below are written in.
SPELLINGS = {
    typed: spelling
    for spelling, variants in {
        "nao": "n naum num",
        "voce": "vc",
        "voces": "vcs",
        "que": "q ke",
        "quero": "qro kero qero",
        "vou": "vo irei",
        "desde": "dsd",
        "favor": "pfv pf pfvr plmdds",
        "obrigado": "obg obrigada",
        "de": "d",
        "mensagem": "msg msgs mensagens mensagen menssagem menssagens mensage mensajem mensajens zap whats whatsapp",
        "receber": "recebe recebr receb",
        "mandar": "manda mandam mandem mande mandando mandarem mandassem",
        "enviar": "envia enviam envie enviem enviando enviarem enviassem",
        "parem": "pararem parassem parasse",
        "chame": "chama chamam chamarem",
        "ligue": "liga ligam ligarem",
        "escreva": "escreve escrevem",
        "procure": "procura procuram",
        "incomode": "incomoda incomodam",
        "perturbe": "perturba perturbam",
        "contate": "contata contatam",
        "numero": "numeros",
        "contato": "contatos",
        "telefone": "tel",
        "lista": "lst listas",
        "spam": "spans span",
        "propaganda": "propagandas",
        "oferta": "ofertas",
        "divulgacao": "divulgacoes",
    }.items()
    for typed in variants.split()
}

POLITE = _words(
    "por favor gentileza desculpa obrigado grato grata oi ola ok bom boa dia tarde noite tudo bem entao",
    "ai ja agora eu quero moca moco doutor dra dr amigo querida querido",
)

# The whole message, but for politeness.
COMMANDS = _words(
    "pare parar para parem stop sair sai sairr cancelar cancela cancele cancelem descadastrar descadastra",
    "descadastre descadastro remover remova removam remove unsubscribe optout excluir exclua chega basta",
    "bloquear",
) | {
    *("opt out", "sair da lista", "cancelar inscricao", "para com isso", "pare com isso", "parem com isso"),
    *("me remova", "me remove", "me tira", "me tire", "me retire", "me exclua", "me descadastre", "me descadastra"),
    *("me descadastrar", "ser descadastrado", "ser descadastrada", "ser removido", "ser removida"),
    *("me esquece", "me esqueca", "parar de receber", "nao contatar", "nao perturbe"),
    *("remover da lista", "retirar da lista", "tirar da lista", "excluir da lista"),
}
BACK_COMMANDS = frozenset(
    ["voltar", "volta", "volte", "reativar", "retomar", "receber", "inscrever", "reinscrever"]
) | {
    *("quero voltar", "voltar a receber", "quero receber", "receber de novo", "receber novamente", "cadastrar de novo"),
}


def _any(*words: str) -> str:
    """Match any of the phrases; those of one word may come in one string."""
    phrases = words[0].split() if len(words) == 1 else words
    return f"(?:{'|'.join(phrases)})"


def _unless_next(*phrases: str) -> str:
    return rf"(?! {_any(*phrases)})"


def _maybe(*phrases: str) -> str:
    return f"(?: {_any(*phrases)})?"


def _some(*phrases: str) -> str:
    return f"(?: {_any(*phrases)})*"


NOT_DENIED = "(?<!nao )"
WISH = _any("quero queria desejo gostaria gosto preciso aceito")
CONTACT = _any(
    "mandar enviar escreva escrevam escrever chamar chame chamem contate contatem contatar contactar "
    "ligar ligue liguem procurar procure procurem incomodar incomode incomodem perturbar perturbe "
    "perturbem encher importunar importune spamar floodar"
)
ADVERTISING = _any("mensagem contato propaganda spam oferta divulgacao")
MAIL = _any(
    *("mensagem", "contato", "propaganda", "spam", "oferta", "divulgacao", "anuncio", "anuncios", "notificacao"),
    *("notificacoes", "nada", "isso", "essas coisas"),
)
LIST = _any(
    *("lista", "cadastro", "base", "mailing", "sistema", "contato", "banco de dados", "transmissao", "agenda de voces"),
    *("grupo de envio", "negocio", "treco", "porra", "merda"),
)
TAKE_OUT = _any(
    "tira tire tirem tirar retira retire retirem retirar remove remova removam remover exclui exclua excluam excluir "
    "apaga apague apaguem apagar deleta delete deletem deletar descadastra descadastre descadastrem descadastrar"
)
FORGET = "esquece|esqueca|esquecam"
CANCEL = _any("descadastrar cancelar cancela cancele encerrar encerre suspender suspenda suspendam")
MINE = _any("meu", "minha", "meus", "o meu", "os meus")
MY_DATA = f"{MINE} {_any('numero contato nome telefone celular cadastro dado dados inscricao')}"

REQUESTS = (
    # "não quero mais receber", but not "não quero mais receber menos de 1500"
    rf"\bnao {WISH}(?: de)? mais (?:de )?receber"
    + _unless_next(
        *("por", "em", "menos", "so", "atrasado", "via", "pix", "abaixo", "pagamento", "plantao", "a noite"),
    ),
    rf"\bnao {WISH}(?: mais)?(?: de)? (?:receber|ter)"
    + _some(
        "mais", "as", "os", "ess[ae]s?", "estas?", "suas", "nenhuma?", "qualquer", "[de]?ste tipo de", "esse tipo de"
    )
    + f" {MAIL}",
    rf"\bnao {_any('quero desejo')}(?: mais)?(?: continuar)? {_any('recebendo receber')} "
    + _any("essas?", "suas", "estas?", "mais")
    + " ",
    rf"\bnao {_any('quero', 'queria', 'desejo', 'gostaria de')}(?: mais)? ser (?:mais )?"
    + _any("contatad incomodad perturbad procurad chamad importunad"),
    # "não quero mensagem de vocês", but not "não quero mensagem agora"
    (
        rf"\bnao {_any('quero desejo')}(?: mais)?{_some('nenhum', 'nenhuma', 'essas?', 'suas', 'as')} {MAIL}"
        f"(?:$| {_any('de voces', 'de voce', 'por aqui', 'no meu', 'deste', 'desse')})"
    ),
    # "prefiro não receber mais mensagens", but not "prefiro não receber em dinheiro"
    rf"\b{_any('prefiro', 'gostaria de', 'queria', 'quero', 'desejo', 'favor')} nao (?:mais )?receber(?: mais)?"
    + _some("essas?", "esses?", "esse tipo de", "este tipo de", "as", "suas")
    + f" {MAIL}",
    rf"\bnao quero mais(?: {_any('essas suas as nenhuma nenhum')})? {ADVERTISING}",
    rf"\bnao quero (?:mais )?que (?:voces? )?(?:me )?{CONTACT}(?: mais)?"
    + _unless_next("de doutor", "o contrato", "agora", "hoje"),
    # "pare de me mandar mensagem", but not "não pare de me mandar vagas"
    (
        rf"{NOT_DENIED}(?<!nunca )(?<!nao precisa )\b{_any('para pare parem parar parando deixe deixem')}"
        rf"{_maybe('ja', 'logo')}"
        rf" de (?:me )?(?:ficar )?(?:me )?{CONTACT}"
        + _unless_next("audio", "foto", "fotos", "figurinha", "por escrito", "o contrato")
    ),
    rf"{NOT_DENIED}\b(?:parar?|pare|parem) de receber(?:$|{_some('ess[ae]s?', 'esse tipo de', 'as', 'mais')} {MAIL})",
    rf"{NOT_DENIED}\b(?:interromp|cess|suspend)\w+(?: \w+){{0,3}} {_any('envio', 'envios', 'mensagem', 'contato')}\b",
    rf"{NOT_DENIED}\b{_any('pare parem parar para')} com {_any('essas? esses? as os isso tanta tantas')} ?"
    + _any("mensagem", "spam", "propaganda", "ligacoes", "contato", "envios", "divulgacao", "$"),
    (
        rf"\b{_any('chega basta cansei cansado cansada farto farta')} de (?:receber )?"
        r"(?:(?:tanta|tanto|essas?|suas|voces me) )*(?:mensagem|spam|propaganda|divulgacao|(?<=receber )isso)"
    ),
    # "me tira dessa lista", but not "me tira uma dúvida" or "me tira da escala"
    rf"(?<!nao precisa ){NOT_DENIED}\bme {TAKE_OUT}{_maybe('por favor', 'logo', 'ja')} (?:"
    + "|".join(
        [
            _any("dai daqui disso"),
            _any("dessa desta desse deste") + "$",
            _any("dessa desta da do desse deste de")
            + _maybe("sua", "seu", "seus", "suas", "voces", "qualquer", "toda", r"\w+ de")
            + f" {LIST}",
        ]
    )
    + r")\b",
    rf"{NOT_DENIED}\bme {TAKE_OUT}$",
    rf"{NOT_DENIED}(?<!quero )\bme descadastr(?:ar|e|a|o)\b",
    rf"\b{TAKE_OUT} (?:el[ea]|isso) d[ao] {_any('base', 'mailing', 'cadastro', 'sistema', 'lista de voces')}",
    rf"{NOT_DENIED}\b(?:{TAKE_OUT}|{_any('cancela cancele cancelar bloqueia bloqueie')}) {MY_DATA}"
    + _unless_next("da escala", "do plantao", "no hospital", "na escala", "da lista de plantao", "do grupo"),
    rf"{NOT_DENIED}\b{CANCEL}{_some('o', 'a', 'os', 'as', 'esse', 'essa', 'estes', 'esses', 'minha', 'meu')} "
    + _any("recebimento envio envios inscricao assinatura mensagem contato notificacoes divulgacao"),
    (
        rf"{NOT_DENIED}(?<!nao quero )\b{_any('sair saio saia sai remocao exclusao retirada')} "
        rf"{_any('da dessa desta desse deste do')} (?:sua |seu )?{_any('lista cadastro base mailing transmissao')}"
    ),
    rf"\b{_any('quero', 'desejo', 'gostaria de', 'preciso', 'posso', 'peco para', 'solicito')} (?:ser |me )?"
    + _any("removid excluid retirad descadastrad descadastrar"),
    rf"\b{_any('peco solicito exijo requeiro quero desejo')}(?: que)?{_some('a', 'o', 'minha', 'meu')} "
    + _any(
        "exclusao eliminacao remocao retirada descadastro descadastramento cancelamento excluam retirem removam apaguem"
    )
    + f"{_some('do', 'da', 'de', 'dos', 'o', 'os')} {_any('meu minha meus contato numero nome dados cadastro lista')}"
    + rf"(?! (?:\w+ )?d[ao] {_any('escala', 'plantao', 'hospital', 'sobreaviso')})",
    r"\b(?:revogo|retiro|cancelo) (?:o |meu |o meu )?consentimento",
    # "vou bloquear esse número", but not "vou bloquear a agenda"
    rf"\b{_any('vou', 'vamos', 'terei que', 'tenho que', 'ter que', 'serei obrigado a', 'posso')} "
    rf"(?:(?:ter que|acabar|te|lhe|os|voces) )*{_any('bloquear denunciar bloqueando denunciando reportar')}"
    + _unless_next(
        *("agenda", "(?:a|minha) agenda", "(?:o|esse) dia", "(?:a|essa) data", "(?:o|esse) horario", "a semana"),
        *("a manha", "a tarde", "a noite", "ess[ea] (?:hospital|clinica|empresa)", "[ao] (?:hospital|clinica|empresa)"),
    ),
    # "se mandar de novo eu bloqueio", "tô bloqueando vocês"
    r"\b(?:se|mais (?:uma|1))\b.*\b(?:bloqueio|denuncio|processo|aciono)\b"
    + _unless_next("(?:a|minha) agenda", "seletivo"),
    rf"\b{_any('to', 'tou', 'estou')} (?:ja )?(?:te )?{_any('bloqueando', 'denunciando')}"
    + _unless_next("(?:a|minha) agenda", "(?:o|a|esse|essa) (?:dia|data|horario|semana)"),
    r"\b(?:processar|processo) voces?\b.*\bmensagem|\bmensagem\b.*\bprocessar voces?\b",
    rf"\b(?:receber|mandar) mais (?:uma|1) mensagem\b.*\b{_any('advogado', 'procon', 'anpd', 'justica', 'processo')}",
    rf"\b{_any('bloqueei denunciei')} "
    + _any("voces", f"(?:esse|este|o|seu) {_any('numero contato telefone')}", "como spam"),
    # "não me mande mais", but not "não me mande o contrato ainda"
    rf"\bnao{_maybe('precisa', 'precisam', 'e para', 'eh para', 'quero que')} (?:mais )?(?:me )?(?:voces )?{CONTACT}"
    + _maybe("para mim", "pra mim", "comigo", "aqui", "para ca", "nesse numero", "neste numero")
    + f" ?{_any('mais', 'nunca mais', 'mais nada', 'nenhuma', 'nada')}\\b"
    + _unless_next("tarde", "cedo", "um", "uma", "detalhes", "do que", r"de \d", "info", "perto"),
    rf"\bnao (?:precisam?|quero que voces?|e para) mais (?:me )?{CONTACT}(?: para mim)?(?:$| {ADVERTISING}| nada)",
    rf"\bnao me {CONTACT}(?: mais)?{_some('essas?', 'estas?', 'esse tipo de', 'este tipo de', 'suas', 'esses?')} "
    + _any("mensagem propaganda spam oferta divulgacao isso nada")
    + _unless_next(
        *(
            "agora",
            "hoje",
            "amanha",
            "(?:de|a) noite",
            "de madrugada",
            "depois",
            "antes",
            "nesse",
            "enquanto",
            "no fim",
        ),
        "durante",
    ),
    rf"\bnao {_any('mandar enviar')}(?: mais)? {_any('mensagem nada propaganda spam')}{_maybe('por favor', 'favor')}$",
    rf"\bnunca mais (?:me )?{CONTACT}",
    rf"\bnao {_any('entre entrem entra entrar faca facam faz fazer tente tentem')}(?: mais)?(?: em)?(?: mais)? contato"
    + _unless_next("com o hospital", "hoje", "agora"),
    rf"\bnao {_any('autorizo', 'permito', 'consinto', 'concordo', 'dei autorizacao', 'autorizei')}\b.*\b"
    + _any("mensagem contato envio uso numero dados telefone mandar enviar"),
    r"\b(?:numero|contato|mensagem|telefone)\b.*\bnao autorizei\b",
    r"\blista de quem nao quer(?:o|em)? receber\b|\bcomo nao (?:contatar|perturbe)\b",
    rf"\bnao aguento mais (?:receber )?(?:tanta |essas |suas )?{_any('mensagem', 'spam', 'propaganda', 'voces me')}",
    rf"\b{_any('nao tenho', 'sem', 'nao ha')}{_some('nenhum', 'mais')} interesse em "
    + _any("receber", "mensagem", "seus? contato", "suas", "nada", "continuar recebendo"),
    rf"\bme {_any('deixa deixe deixem deixar')} {_any('em paz', 'quieto', 'quieta')}",
    rf"{NOT_DENIED}\b(?:me (?:{FORGET})|(?:{FORGET}|perde|perca) (?:o )?meu)\b" + _unless_next("de", "uma", "um"),
    r"\b(?:unsubscribe|opt out)\b",
    rf"\bsem (?:mais )?{_any('mensagem contato propaganda spam')}(?: por favor)?$",
)
AGAIN = rf"(?: \w+){{0,3}} {_any('de novo', 'novamente', 'outra vez')}"
WISH_BACK = _any("quero", "gostaria de", "queria", "posso", "aceito", "desejo")
RETURNS = (
    rf"{NOT_DENIED}\b{WISH_BACK} (?:voltar a )?(?:receber|ser contatad[oa]){AGAIN}",
    rf"{NOT_DENIED}\b{WISH_BACK} voltar a (?:receber|ser contatad)",
    (
        rf"{NOT_DENIED}(?<!nao quero que )\b{_any('pode podem volte voltem volta')}{_maybe('a', 'voltar a')} (?:me )?"
        rf"(?:voltar a )?"
        rf"{_any('mandar enviar escrever')}{AGAIN}"
    ),
    rf"{NOT_DENIED}\b{_any('volte', 'voltem', 'podem voltar', 'pode voltar')} a (?:me )?"
    + _any("mandar enviar escrever contatar"),
    rf"{NOT_DENIED}\bme {_any('coloca coloque inclua inclui cadastra cadastre poe adiciona adicione')}(?: \w+)? "
    + _any("de volta", "de novo", "novamente"),
)
ANY_REQUEST = tuple(map(re.compile, REQUESTS))
ANY_RETURN = tuple(map(re.compile, RETURNS))


def wants_out(text: str) -> bool:
    """Whether the text asks to get no more messages."""
    folded = fold(text)
    return _is_command(folded, COMMANDS) or any(request.search(folded) for request in ANY_REQUEST)


def wants_back(text: str) -> bool:
    """Whether the text asks, in so many words, to get messages again; never when it asks for none as well."""
    folded = fold(text)
    asks = _is_command(folded, BACK_COMMANDS) or any(wish.search(folded) for wish in ANY_RETURN)
    return asks and not wants_out(text)


def fold(text: str) -> str:
    """Bring a text to what it says: no case, accents, punctuation, emoji or drawn-out letters; one spelling a word."""
    if len(text) > 2 * LONGEST:
        text = f"{text[:LONGEST]} {text[-LONGEST:]}"
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ñ", "nao ").replace("+", " mais "))
    plain = INVISIBLE.sub("", "".join(letter for letter in decomposed if not unicodedata.combining(letter)))
    words = DRAWN_OUT.sub(r"\1", NO_WORD.sub(" ", plain)).split()
    return " ".join(SPELLINGS.get(word, word) for word in words)


def _is_command(folded: str, commands: frozenset[str]) -> bool:
    core = " ".join(word for word in folded.split() if word not in POLITE)
    return folded in commands or core in commands
