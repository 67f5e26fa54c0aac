"""What a divulgador writes in the chat decides his bridge: `CONFIRMADO`, `NÃO FECHOU`, or the number he was asked for.

Only bridges in which he is the divulgador are his to decide, so the doctor's own words never decide anything; and only
those he had been asked about when he wrote. With several, or shortly after he decided one, he is asked which: a second
"confirmado" after the first must not close another shift.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from handoff import bridge, messages, replies, texts
from handoff.models import ExternalHandoff, Question
from handoff.states import UNDECIDED, Decision, Via
from handoff.steps import Step
from outbound import outbox
from outbound.inbound import Heard

BY_MESSAGE = "whatsapp_message"
SUPERSEDED = "question_superseded"
# So long a repeated word is taken to repeat the decision it has made.
REPEATS = timedelta(minutes=30)
# So long a number answers the question, and what was decided is told again to who asks for it once more.
REMEMBERED = timedelta(hours=48)
# The provider counts whole seconds, on a clock of its own.
CLOCKS_DIFFER = timedelta(seconds=2)
# So many bridges, described at their longest, fit one message.
MOST_TO_ASK = 8


def hear(heard: Heard) -> None:
    """Obey what a divulgador wrote, inside the transaction that stores it; anything else is somebody else's matter."""
    choice, decision = replies.read_choice(heard.text), replies.read(heard.text)
    question = _question(heard) if choice else None
    if choice and question:
        _choose(choice, question, heard)
    elif decision:
        _decide(decision, heard)


def _decide(decision: Decision, heard: Heard) -> None:
    waiting = _waiting(heard)
    if len(waiting) == 1 and not _decided_just_now(heard):
        _settle(waiting[0].pk, decision, heard)
    elif waiting:
        _ask(waiting, decision, heard)
    else:
        _repeat(_latest_ended(heard), heard)


def _choose(choice: int, question: Question, heard: Heard) -> None:
    decision, ids = Decision(question.decision), [UUID(id_) for id_ in question.handoff_ids]
    if choice <= len(ids):
        question.delete()
        _settle(ids[choice - 1], decision, heard)
    elif waiting := _waiting(heard):
        _ask(waiting, decision, heard)


def _settle(handoff_id: UUID, decision: Decision, heard: Heard) -> None:
    actor = f"divulgador:{heard.contact_id}"
    verdict = bridge.decide(
        handoff_id=handoff_id, decision=decision, via=Via.KEYWORD, actor=actor, reason=BY_MESSAGE, now=heard.now
    )
    if not verdict.is_new:
        _repeat(ExternalHandoff.objects.filter(pk=handoff_id).first(), heard)


def _ask(waiting: Sequence[ExternalHandoff], decision: Decision, heard: Heard) -> None:
    """Ask which one he means; of questions that wait for the morning only the last is asked."""
    before = Question.objects.select_for_update().filter(pk=heard.contact_id).first()
    if before and before.message_id:
        outbox.cancel(ids=[before.message_id], reason=SUPERSEDED, now=heard.now)
    text = texts.which(waiting, decision)
    reference = f"question:{heard.interaction_id}"
    message_id = messages.answer(to=heard.contact_id, reference=reference, text=text, now=heard.now)
    Question.objects.update_or_create(
        pk=heard.contact_id,
        defaults={
            "decision": decision,
            "handoff_ids": [str(handoff.pk) for handoff in waiting],
            "message_id": message_id,
            "asked_at": heard.now,
        },
    )


def _repeat(handoff: ExternalHandoff | None, heard: Heard) -> None:
    """Tell him what was decided, where there is something to tell."""
    if handoff is None or handoff.status in UNDECIDED:
        return
    reference = f"{handoff.pk}:again:{heard.interaction_id}"
    messages.answer(to=heard.contact_id, reference=reference, text=texts.divulgador_outcome(handoff), now=heard.now)


def _waiting(heard: Heard) -> list[ExternalHandoff]:
    """Find the bridges he may mean, the oldest of them."""
    asked = ExternalHandoff.objects.undecided().filter(
        divulgador=heard.contact_id,
        expires_at__gt=heard.now,
        messages__step=Step.REQUEST,
        messages__message__attempted_at__isnull=False,
        messages__message__claimed_at__lte=heard.at + CLOCKS_DIFFER,
    )
    return list(asked.select_related("vaga", "doctor").order_by("created_at", "pk")[:MOST_TO_ASK])


def _ended(heard: Heard, *, since: datetime, **conditions: str) -> ExternalHandoff | None:
    ended = ExternalHandoff.objects.filter(divulgador=heard.contact_id, ended_at__gt=since, **conditions)
    return ended.exclude(contacted_at=None).select_related("vaga", "doctor").order_by("-ended_at").first()


def _decided_just_now(heard: Heard) -> bool:
    return _ended(heard, since=heard.now - REPEATS, ended_via=Via.KEYWORD) is not None


def _latest_ended(heard: Heard) -> ExternalHandoff | None:
    return _ended(heard, since=heard.now - REMEMBERED)


def _question(heard: Heard) -> Question | None:
    """Find the question his number may answer."""
    asked = Question.objects.select_for_update().filter(pk=heard.contact_id, asked_at__gt=heard.now - REMEMBERED)
    return asked.first()
