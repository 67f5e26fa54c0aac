"""What words mean here: a few concepts, each with the words and spellings people use for it.

Entries are in plain letters: `word` is that word, `stem*` whatever begins so, `verb~` an infinitive with all its
regular forms. The forms of some verbs keep their mark (`conjugation`), because "tirem" asks and "tiraram" reports.
"""

from __future__ import annotations

from outbound.optout.conjugation import conjugated
from outbound.optout.fold import STOP, single

UNKNOWN, FILLER = "_", ""

# Verbs: what is asked for.
ACTIONS = {
    "STOP": "parar~ cessar~ evitar~ stop",
    "END": "interromper~ suspender~ encerrar~ cancelar~ descontinuar~ desativar~ desabilitar~ inativar~ desligar~",
    "LET": "deixar~ largar~",
    "SEND": """mandar~ enviar~ chamar~ ligar~ escrever~ disparar~ encaminhar~ notificar~ postar~ avisar~ oferecer~ send
        sending""",
    "BOTHER": """contatar~ contactar~ incomodar~ perturbar~ importunar~ amolar~ encher~ chatear~ spamar~
        floodar~ insistir~ assediar~ aborrecer~ aporrinhar~ torrar~ azucrinar~ lotar~ entupir~ bombardear~""",
    "SEEK": "procurar~",
    "RECEIVE": "receber~ recebr receb recebimento",
    "REMOVE": """tirar~ retirar~ remover~ excluir~ apagar~ deletar~ eliminar~ riscar~ limpar~ desvincular~ arrancar~
        desconsiderar~ livrar~ tia""",
    "SPARE": "poupar~",
    "UNSUB": """descadastro descadastrar~ descadrastar~ discadastrar~ descadastramento desinscrever~ desinscricao
        unsubscribe optout""",
    "LEAVE": "sair saia saiam saio saindo",
    "LEAVE:did": "sai saiu",
    "BLOCK": "bloquear~ bloqueiar~ denunciar~ reportar~ silenciar~ bloqear~ blokear~ bloquiar~ bloqiar~ block",
    "USE": "usar~ utilizar~ compartilhar~",
    "FORGET": "esquecer~ perder~ perca percam",
    "ENTER": "entrar~ tentar~ fazer facam faca faz fazem manter mantenham mantem retomar~ estabelecer~",
    "INCLUDE": "colocar~ incluir~ cadastrar~ adicionar~ inscrever~ reinscrever~ reativar~ botar~ poe por",
}
# Everything else, and verbs whose form says nothing.
CONCEPTS = {
    "NOT": "nao n naum num nn nunca nunk nunka jamais nem not",
    "WITHOUT": "sem",
    "MORE": "mais",
    "WANT": """quero qro kero qero quro qurro queria quer queremos quis querendo gosto interesse interessa interessam
        interessado interessada questao gostaria desejar~ preferir~ prefiro pretender~ aceitar~""",
    "NEED": "precisar~ dever~ deveria necessario adianta necessidade",
    "DARE": "pensar~ ousar~",
    "CAN": "pode podem poderia poderiam consegue conseguem tem teria daria possivel",
    "GO": "vou vo vamos irei vai vao serei foi fui estou to tou estamos posso",
    "HAVE": "tenho temos ha possuo",
    "IS": "eh e era seria ser sendo ficar~ fosse seja sejam",
    "STAY": "estar continuar~ seguir~ permanecer~ figurar~ constar conste participar~ pertencer~ parte",
    "IF": "se caso proxima proximo",
    "YOU": """voce voces vc vcs ce ces te tu lhe lhes senhor senhora senhores empresa robo bot julia equipe plataforma
        ninguem seu sua seus suas""",
    "ME": "me mi m mim migo comigo existo",
    "HIM": "ele ela eles elas lo la los las dele dela",
    "MY": "meu minha meus minhas nosso nossa",
    "OF": "de d do da dos das deste desta destes destas desse dessa desses dessas daquela daquele",
    "IN": "em no na nos nas neste nesta nesse nessa nesses nessas",
    "TO": "para pra pro pras pros p a ao aos as",
    "WITH": "com c cm",
    "BY": "por pelo pela via",
    "THAT": "que q ke",
    "ONLY": "so somente apenas",
    "HOW": "como",
    "NOW": "agora momento",
    "MESSAGE": """mensagem mensagens propaganda propagandas oferta ofertas notificacao notificacoes divulgacao
        mensag* msg* mensaj* messag* mensg* menssag* propaganda* spam spans span oferta* divulgac* anuncio* notificac*
        comunicac* comunicado* convite* publicidade* marketing promoc* informativo* recado* papo conversa* coisa
        coisas ligac* lembrete* aviso* chamada* newsletter* texto* torpedo* sms proposta* insistencia perturbac*
        importunac* bombardeio""",
    "WHATSAPP": "zap* whats* wats* wpp",
    "CONTACT": "contato contatos contacto contactos",
    "SENDING": "envio envios disparo disparos",
    "THIS": "isso isto disso disto trem treco trecos porcaria porcarias lixo bosta",
    "NOTHING": "nada nda",
    "OFFER": "vaga vagas plantao plantoes oportunidade* trabalho emprego servico servicos",
    "LIST": """lista listas lst cadastro cadastros base mailing sistema banco transmissao grupo registro registros
        inscricao assinatura rol broadcast list negocio""",
    "HERE": "dai daqui",
    "NUMBER": "numero numeros telefone telefones tel fone celular nome nomes dado dados perfil aparelho",
    "REMOVAL": "exclusao remocao retirada eliminacao desligamento baixa",
    "ENDING": "cancelamento interrupcao suspensao",
    "SUE": """processar~ processo advogado justica procon anpd medidas reclamacao queixa ocorrencia policia judicial
        judicialmente""",
    "PEACE": "paz sossego",
    "QUIET": "quieto quieta",
    "OUT": "fora",
    "VANISH": "sumam suma some vaza vazem",
    "ENOUGH": "chega basta",
    "TIRED": "cansei cansad* fart* cheio cheia saturad* aguentar~ suportar~ tolerar~",
    "WRONG": "errado errada engano",
    "ALLOW": "autorizar~ permitir~ consinto consentir~ permissao autorizacao consentimento",
    "AGREE": "concordar~",
    "REVOKE": "revogar~",
    "REFUSE": "dispensar~ recusar~",
    "ASK": "peco peca pedir~ solicitar~ exijo exigir~ requeiro requerer~ implorar~ clicar~ falar~",
    "AGAIN": "novamente",
    "RETURN": "voltar volte voltem volta volto",
    "PAY": "pagar pagarem pagam paga pagou pagaram pagament* pix pj nota dinheiro valor* conta cartao desconto* taxa*",
    # What makes a sentence one about shifts, or about a part of what we write only.
    "SHIFT": """escala* hospita* clinica clinicas upa uti ps horario* contrato* turno* sobreaviso* setor* coordena*
        rendicao colega* paciente* conselho* ministerio ouvidoria sindicato""",
    "LIMIT": """hoje amanha semana semanas mes meses madrugada noite tarde cedo manha sabado domingo segunda terca
        quarta quinta sexta feriado feriados enquanto ate antes depois durante noturno noturnos diurno diurnos longe
        perto zona interior cidade pediatri* ortoped* cardio* gineco* anestes* cirurg* neo enfermaria audio* video*
        foto* figurinha* documento* endereco* cracha crm rqe email emails agenda data dia dias ano atrasado atrasados
        menos abaixo multa* espera escalado* presenca lugar detalhe* info* cpf cnpj pdf anexo* arquivo* comprovante*
        ficha retorno exame*""",
    # Words that begin a clause of their own.
    STOP: "mas porem porque pq pois entretanto todavia",
    # Words that say nothing here, whoever is addressed, and oaths.
    FILLER: """o os um uma uns umas esse essa esses essas este esta estes estas aquele aquela aqueles aquelas ai ja logo
        entao pf favor fvr pfv pfvr pls please plz gentileza obrigado obrigada obg grato grata agradeco oi ola ok tudo
        bem eu moca moco amigo amiga querido querida pessoa pessoal gente sr sra porra merda caralho carai saco chato
        chata chatos chatas tambem tb ne viu hein ta tao aqui ca qualquer nenhum nenhuma tipo tanto tanta tantos tantas
        todo toda todos todas novos novas outro outra outros outras futuros futuras comercial comerciais valeu tchau
        definitivamente imediatamente from this""",
}
# Where a wrong letter is put right; elsewhere it would do more harm than good: "testar" is no "tentar".
MISSPELT = frozenset(
    [
        "WANT",
        "SEND",
        "END",
        "BOTHER",
        "RECEIVE",
        "REMOVE",
        "UNSUB",
        "BLOCK",
        "MESSAGE",
        "CONTACT",
        "NUMBER",
        "LIST",
        "FORGET",
        "LIMIT",
        "SHIFT",
    ]
)


def _entries(concepts: dict[str, str], mark: str) -> dict[str, str]:
    return {
        single(entry.rstrip("*~")): concept
        for concept, entries in concepts.items()
        for entry in entries.split()
        if (entry[-1] if entry[-1] in "*~" else "") == mark
    }


def _forms(concepts: dict[str, str], *, marked: bool) -> dict[str, str]:
    return {
        single(form): concept + mark if marked else concept
        for infinitive, concept in _entries(concepts, "~").items()
        for form, mark in conjugated(infinitive).items()
    }


STEMS = _entries(CONCEPTS, "*")
WORDS = _forms(ACTIONS, marked=True) | _forms(CONCEPTS, marked=False) | _entries(ACTIONS, "") | _entries(CONCEPTS, "")
