"""The messages of a bridge on their one way out: each step once, and none that still waits once the bridge has ended.

What asks and reminds is method `handoff`, which the bridge's switch holds. What tells how it ended is method `command`:
it carries out a decision, and goes out with the switch off as well (spec/domain.md, The bridge, step 4).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from handoff import texts
from handoff.models import ExternalHandoff, HandoffMessage
from handoff.steps import FollowUp, Step
from outbound import outbox
from outbound.methods import Channel, Method
from outbound.outbox import NewMessage, Queued

BRIDGE_ENDED = "bridge_ended"


def introduce(handoff: ExternalHandoff, *, now: datetime) -> None:
    """Give each the other's contact, when the bridge's clock starts; of no use once the bridge is over."""
    doctor, divulgador = handoff.doctor_id, handoff.divulgador_id
    _ask(handoff, Step.DOCTOR_CONTACT, to=doctor, text=texts.doctor_contact(handoff), until=handoff.expires_at, now=now)
    _ask(handoff, Step.REQUEST, to=divulgador, text=texts.request(handoff), until=handoff.expires_at, now=now)


def follow_up(handoff: ExternalHandoff, due: FollowUp, *, now: datetime) -> bool:
    """Ask the divulgador again, unless he was for this turn; answer whether he is now."""
    until = handoff.starts_at + due.until
    return _ask(handoff, due.step, to=handoff.divulgador_id, text=texts.followup(handoff), until=until, now=now)


def tell_outcome(handoff: ExternalHandoff, *, now: datetime) -> None:
    """Tell both how it ended; the divulgador only where he had been asked."""
    _tell(handoff, Step.DOCTOR_OUTCOME, to=handoff.doctor_id, text=texts.doctor_outcome(handoff), now=now)
    if was_asked(handoff):
        text = texts.divulgador_outcome(handoff)
        _tell(handoff, Step.DIVULGADOR_OUTCOME, to=handoff.divulgador_id, text=text, now=now)


def tell_reversal(handoff: ExternalHandoff, *, now: datetime) -> None:
    """Tell both that the confirmation does not hold."""
    text = texts.reverted(handoff)
    _tell(handoff, Step.DOCTOR_REVERTED, to=handoff.doctor_id, text=text, now=now)
    _tell(handoff, Step.DIVULGADOR_REVERTED, to=handoff.divulgador_id, text=text, now=now)


def answer(*, to: UUID, reference: str, text: str, now: datetime) -> UUID | None:
    """Answer a divulgador in the chat; the message's id, or None where he has just been told the same."""
    message = NewMessage(
        cliente_id=to, method=Method.COMMAND, channel=Channel.WHATSAPP, text=text, template_ref=f"handoff:{reference}"
    )
    result = outbox.enqueue(message, now=now)
    return result.id if isinstance(result, Queued) else None


def was_asked(handoff: ExternalHandoff) -> bool:
    """Whether the request to the divulgador left, or may have."""
    return handoff.messages.filter(step=Step.REQUEST, message__attempted_at__isnull=False).exists()


def cancel_waiting(handoff: ExternalHandoff, *, now: datetime) -> int:
    """Stop what of the bridge still waits to go out; answer how many messages."""
    ids = handoff.messages.values_list("message_id", flat=True)
    return outbox.cancel(ids=list(ids), reason=BRIDGE_ENDED, now=now)


def _ask(handoff: ExternalHandoff, step: Step, *, to: UUID, text: str, until: datetime, now: datetime) -> bool:
    message = NewMessage(
        cliente_id=to,
        method=Method.HANDOFF,
        channel=Channel.JOB,
        text=text,
        template_ref=_reference(handoff, step),
        send_at=max(now, handoff.starts_at),
        expires_at=until,
    )
    return _once(handoff, step, message, now=now)


def _tell(handoff: ExternalHandoff, step: Step, *, to: UUID, text: str, now: datetime) -> bool:
    message = NewMessage(
        cliente_id=to,
        method=Method.COMMAND,
        channel=Channel.JOB,
        text=text,
        template_ref=_reference(handoff, step),
    )
    return _once(handoff, step, message, now=now)


def _once(handoff: ExternalHandoff, step: Step, message: NewMessage, *, now: datetime) -> bool:
    """Enqueue a step's message under the bridge's lock, unless the step was taken before."""
    if handoff.messages.filter(step=step).exists():
        return False
    match outbox.enqueue(message, now=now):
        case Queued(id=message_id):
            HandoffMessage.objects.create(handoff=handoff, step=step, message_id=message_id)
            return True
        case _:
            return False


def _reference(handoff: ExternalHandoff, step: Step) -> str:
    return f"handoff:{handoff.pk}:{step}"
