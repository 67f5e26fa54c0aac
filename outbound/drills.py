"""The four drills of the playbook (go/no-go document, D2), with messages that nobody but the drill contact gets.

The drill contact is one row of `contacts` with an id of its own, at the phone `DRILL_PHONE` names. Between drills it
has opted out, so nothing else reaches it; a phone that a real contact has is refused. It is in canary bucket 9, the
last of the first phase: in the audience from 10 % on, and held by the least step down. Its messages obey every rule:
before anything is switched the guardrails must let one through, else the drill could not tell its own stop from theirs.
So the campaign drills need business hours, phase A and room in the contact's cap (5 in 7 days, one for each drill).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from canary import drills
from canary.drills import DrillFailedError, DrillImpossibleError, Plan, Stage, Step
from canary.event_types import EventType
from canary.flag_values import FlagKey
from canary.models import BusinessEvent
from outbound import contacts, outbox
from outbound.guardrails import Decision, OutboundRequest, Reason, check_outbound_guardrails
from outbound.guardrails.wording import MEANINGS
from outbound.methods import PROACTIVE, ActorType, Channel, Method, Status
from outbound.models import Contact, OutboundMessage
from outbound.outbox import NewMessage, Queued

# canary.buckets puts it into bucket 9.
DRILL_CONTACT = UUID("950c4c59-d8b5-55e6-8b25-77e39bd54d5b")
BUCKET = 9

# A worker is woken at once, and swept for every 5 s where the wake-up is lost; one that needs longer is not there.
STOPPED_WITHIN = timedelta(seconds=30)
# Three attempts at the provider included.
SENT_WITHIN = timedelta(seconds=60)
MAY_HAVE_LEFT = (Status.SENDING, Status.SENT, Status.UNKNOWN)


def kill_switch_julia(stage: Stage) -> None:
    """Pause Julia: nothing leaves, whoever it is for; resume her: it does."""
    _prepare_contact(stage, opted_out=False)
    _require_allowed(stage, _message(stage, Method.MANUAL))
    with stage.turned(FlagKey.JULIA, {"enabled": False}):
        paused_at = _database_clock()
        message_id = _queue(stage, _message(stage, Method.MANUAL))
        _wait_stopped(stage, message_id, by=Reason.JULIA_PAUSED)
        _require_nothing_left(stage, since=paused_at, of=Q())
    _wait_sent(stage, message_id)


def kill_switch_campaigns(stage: Stage) -> None:
    """Switch campaigns off: what we begin waits, what is no campaign goes on; switch them on: it goes out."""
    _prepare_contact(stage, opted_out=False)
    _require_allowed(stage, _message(stage, Method.CAMPAIGN))
    with stage.turned(FlagKey.CAMPAIGNS, {"enabled": False}):
        switched_at = _database_clock()
        held = _queue(stage, _message(stage, Method.CAMPAIGN))
        answer = _queue(stage, _message(stage, Method.MANUAL))
        _wait_stopped(stage, held, by=Reason.CAMPAIGNS_DISABLED)
        _wait_sent(stage, answer, step=Step.PASSED_THROUGH)
        _require_nothing_left(stage, since=switched_at, of=Q(method__in=PROACTIVE))
    _wait_sent(stage, held)


def rollback_canary(stage: Stage) -> None:
    """Lower the percentage: who is outside now is held; put it back: what was held goes out.

    It lowers to just below the drill contact's bucket, which in phase A holds as few others as can be. The phase itself
    and its history stay: coming back from a drill is no promotion.
    """
    _prepare_contact(stage, opted_out=False)
    _require_allowed(stage, _message(stage, Method.CAMPAIGN))
    with stage.turned(FlagKey.OUTBOUND_CANARY, {"pct": BUCKET}):
        lowered_at = _database_clock()
        held = _queue(stage, _message(stage, Method.CAMPAIGN))
        _wait_stopped(stage, held, by=Reason.OUTSIDE_CANARY)
        _require_nothing_left(stage, since=lowered_at, of=Q(method__in=PROACTIVE, contact__bucket__gte=BUCKET))
    _wait_sent(stage, held)


def bypass(stage: Stage) -> None:
    """Write to a contact who opted out as an operator in Slack: refused without a reason, sent with one."""
    _prepare_contact(stage, opted_out=True)
    operator = {"channel": Channel.SLACK, "actor_type": ActorType.HUMAN, "actor_id": stage.actor}
    with_reason = _message(stage, Method.MANUAL, part="with_reason", bypass_reason=stage.reason, **operator)
    decision = _require_allowed(stage, with_reason)
    if Reason.OPTED_OUT not in decision.bypassed:
        raise DrillFailedError(_("The guardrails let a message to an opted-out contact through without a bypass."))
    refused = _queue(stage, _message(stage, Method.MANUAL, part="without_reason", **operator))
    _wait_refused(stage, refused)
    _wait_sent(stage, _queue(stage, with_reason))
    _require_bypass_recorded(stage, with_reason)


def leave_contact_alone(reason: str, now: datetime) -> None:
    """Have the drill contact opt out, inside the caller's transaction; what still waits for it is cancelled."""
    contacts.opt_out(contact_id=DRILL_CONTACT, actor="drill", reason=reason, now=now)


def register_all() -> None:
    """Offer the drills to the control plane, in the order of the document."""
    for name, title, rehearse in (
        ("kill_switch_julia", gettext_lazy("Kill switch Julia: pausar_julia, check that she stops, retomar_julia"),
         kill_switch_julia),
        ("kill_switch_campaigns", gettext_lazy("Kill switch campaigns: toggle_campanhas off, check, on"),
         kill_switch_campaigns),
        ("rollback_canary", gettext_lazy("Canary rollback: lower the percentage, check who is held, put it back"),
         rollback_canary),
        ("bypass", gettext_lazy("Manual bypass: from Slack, with and without bypass_reason"), bypass),
    ):  # fmt: skip
        drills.register(Plan(name=name, title=title, rehearse=rehearse, clean_up=leave_contact_alone))


@transaction.atomic(durable=True)
def _prepare_contact(stage: Stage, *, opted_out: bool) -> None:
    if not settings.DRILL_PHONE:
        raise DrillImpossibleError(_("Set DRILL_PHONE to the phone of somebody of yours: drills write to nobody else."))
    if Contact.objects.filter(phone=settings.DRILL_PHONE).exclude(pk=DRILL_CONTACT).exists():
        raise DrillImpossibleError(_("DRILL_PHONE is the phone of a real contact: drills write to none of them."))
    Contact.objects.update_or_create(
        pk=DRILL_CONTACT, defaults={"phone": settings.DRILL_PHONE, "name": _("Drill contact")}
    )
    change = contacts.opt_out if opted_out else contacts.opt_in
    change(contact_id=DRILL_CONTACT, actor="drill", reason=stage.reason, now=stage.clock())


def _message(stage: Stage, method: Method, *, part: str = "", **more: Any) -> NewMessage:
    part = part or method
    text = _("Drill {id} ({name}, {part}): this message proves that sending works. Nothing to do.")
    return NewMessage(
        cliente_id=DRILL_CONTACT,
        method=method,
        text=text.format(id=stage.drill_id, name=stage.name, part=part),
        # Its own in each drill, so that none is another's duplicate.
        template_ref=f"drill:{stage.drill_id}:{part}",
        **{"channel": Channel.JOB, **more},
    )


def _require_allowed(stage: Stage, message: NewMessage) -> Decision:
    request = OutboundRequest(
        cliente_id=message.cliente_id,
        method=message.method,
        channel=message.channel,
        actor_type=message.actor_type,
        actor_id=message.actor_id,
        bypass_reason=message.bypass_reason,
    )
    (decision,) = check_outbound_guardrails([request], now=stage.clock())
    if not decision.is_allowed:
        raise DrillImpossibleError(_objection(decision, stage))
    return decision


def _objection(decision: Decision, stage: Stage) -> str:
    if decision.reason is Reason.OPTED_OUT:
        return _("{actor} is no known operator: --actor must be the login of an active staff user.").format(
            actor=stage.actor
        )
    words = str(MEANINGS[decision.reason]) if decision.reason else ""
    until = date_format(timezone.localtime(decision.until), "D d/m H:i") if decision.until else "-"
    return _("A drill message would not go out now, so there is nothing to stop. {why} Until: {until}").format(
        why=words, until=until
    )


@transaction.atomic(durable=True)
def _enqueue(message: NewMessage, *, now: datetime) -> UUID:
    result = outbox.enqueue(message, now=now)
    if not isinstance(result, Queued):
        raise DrillFailedError(_("The drill's message was taken for a duplicate."))
    return result.id


def _queue(stage: Stage, message: NewMessage) -> UUID:
    message_id = _enqueue(message, now=stage.clock())
    stage.note(Step.QUEUED, message_id=str(message_id), method=message.method)
    return message_id


def _wait_stopped(stage: Stage, message_id: UUID, *, by: Reason) -> None:
    """Wait for a worker to hold the message, for this reason and no other, without a time at which it would go."""
    row = _wait_decided(stage, message_id)
    _require(row, Status.QUEUED, by)
    if row.due_at is not None:
        raise DrillFailedError(_("The drill's message should be held, and would go out by itself."))
    stage.note(Step.STOPPED, message_id=str(message_id), reason=by)


def _wait_refused(stage: Stage, message_id: UUID) -> None:
    row = _wait_decided(stage, message_id)
    _require(row, Status.BLOCKED, Reason.OPTED_OUT_BYPASS_NO_REASON)
    stage.note(Step.REFUSED, message_id=str(message_id), reason=row.reason)


def _wait_sent(stage: Stage, message_id: UUID, *, step: Step = Step.SENT) -> None:
    problem = _("The drill's message did not go out in time.")
    row = _wait_for(stage, message_id, _is_over, problem=problem, within=SENT_WITHIN)
    _require(row, Status.SENT, None)
    stage.note(step, message_id=str(message_id), sent_at=row.sent_at.isoformat() if row.sent_at else None)


def _wait_decided(stage: Stage, message_id: UUID) -> OutboundMessage:
    problem = _("No worker decided on the drill's message: is one running?")
    return _wait_for(stage, message_id, _is_decided, problem=problem, within=STOPPED_WITHIN)


def _is_decided(row: OutboundMessage) -> bool:
    """Whether a worker has had its hands on the message, and has let go of it."""
    return row.status != Status.SENDING and (row.reason is not None or row.status != Status.QUEUED)


def _is_over(row: OutboundMessage) -> bool:
    return row.status in {Status.SENT, Status.FAILED, Status.BLOCKED}


def _require(row: OutboundMessage, status: Status, reason: Reason | None) -> None:
    if (row.status, row.reason) != (status, reason):
        raise DrillFailedError(
            _("The drill's message should be {wanted}, and is {found}.").format(
                wanted=f"{status} ({reason or '-'})", found=f"{row.status} ({row.reason or '-'})"
            )
        )


def _wait_for(
    stage: Stage,
    message_id: UUID,
    is_it: Callable[[OutboundMessage], bool],
    *,
    problem: str,
    within: timedelta,
) -> OutboundMessage:
    def look() -> list[OutboundMessage]:
        return [row for row in OutboundMessage.objects.filter(pk=message_id) if is_it(row)]

    (row,) = stage.wait(look, within=within, problem=problem)
    return row


def _require_nothing_left(stage: Stage, *, since: datetime, of: Q) -> None:
    """See to it that nothing at all, to anybody, was let through after the switch was committed."""
    let_through = OutboundMessage.objects.filter(of, claimed_at__gt=since, status__in=MAY_HAVE_LEFT).count()
    if let_through:
        raise DrillFailedError(
            _("{count} messages were let through after the switch was turned.").format(count=let_through)
        )
    stage.note(Step.NOTHING_LEFT, since=since.isoformat())


def _require_bypass_recorded(stage: Stage, message: NewMessage) -> None:
    recorded = BusinessEvent.objects.filter(
        event_type=EventType.OUTBOUND_BYPASS,
        cliente_id=DRILL_CONTACT,
        event_props__message_id=str(message.id),
        event_props__bypass_reason=message.bypass_reason,
        event_props__actor_id=stage.actor,
    )
    if not recorded.exists():
        raise DrillFailedError(_("The bypass left no event that says who and why."))
    stage.note(Step.BYPASSED, message_id=str(message.id), bypass_reason=message.bypass_reason)


def _database_clock() -> datetime:
    """The clock that claims are stamped with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at
