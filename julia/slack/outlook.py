"""What a command would do, in numbers, before anybody says yes to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from canary import flags
from canary.flag_values import FlagKey
from julia.slack.answers import escape
from julia.slack.commands import Action, Command, DrillName, Name
from outbound.holds import HELD_BY
from outbound.methods import PROACTIVE, Method, Status
from outbound.models import OutboundMessage


def in_flight(*, since: datetime | None = None) -> int:
    """How many sends are under way; with `since`, only those let through until then."""
    sending = OutboundMessage.objects.filter(status=Status.SENDING)
    return (sending.filter(claimed_at__lte=since) if since else sending).count()


def question(command: Command) -> str:
    """Say what a critical command would do."""
    return _QUESTIONS[command.name, command.action](command)


def under_way(count: int) -> str:
    """Say how many sends are in flight."""
    if count == 0:
        return _("No send is in flight.")
    if count == 1:
        return _("1 send is in flight and will end.")
    return _("{count} sends are in flight and will end.").format(count=count)


def stays(count: int) -> str:
    """Say how many queued messages will be held."""
    if count == 0:
        return _("No message waits in the queue.")
    if count == 1:
        return _("1 message in the queue stays held.")
    return _("{count} messages in the queue stay held.").format(count=count)


def leaves(count: int) -> str:
    """Say how many held messages may leave."""
    if count == 0:
        return _("No message is held for this.")
    if count == 1:
        return _("1 held message may leave, within the limits.")
    return _("{count} held messages may leave, within the limits.").format(count=count)


def masked(phone: str) -> str:
    """Show enough of a phone to recognise one's own typing, and no more."""
    return f"{phone[:5]}…{phone[-2:]}"


def _pause(_command: Command) -> str:
    question_ = _("Pause Julia? Nothing is sent any more, replies included.")
    return f"{question_}\n{stays(_queued().count())} {under_way(in_flight())}"


def _resume(_command: Command) -> str:
    question_ = _("Resume Julia?")
    return f"{question_}\n{leaves(_held(FlagKey.JULIA))}"


def _campaigns_off(_command: Command) -> str:
    question_ = _("Switch campaigns off? Replies still leave.")
    return f"{question_}\n{stays(_queued().filter(method__in=PROACTIVE).count())} {under_way(in_flight())}"


def _campaigns_on(_command: Command) -> str:
    question_ = _("Switch campaigns on?")
    return f"{question_}\n{leaves(_held(FlagKey.CAMPAIGNS))}"


def _bridge_off(_command: Command) -> str:
    question_ = _("Switch the bridge (ponte externa) off? Nobody is put in touch any more, and follow-ups wait.")
    return f"{question_}\n{stays(_queued().filter(method=Method.HANDOFF).count())} {under_way(in_flight())}"


def _bridge_on(command: Command) -> str:
    before = flags.read()
    question_ = _("Switch the bridge (ponte externa) on for {pct}% of the doctors? Now: {now}%.").format(
        pct=command.pct, now=before.handoff_pct if before.handoff_enabled else 0
    )
    return f"{question_}\n{leaves(_held(FlagKey.EXTERNAL_HANDOFF))}"


def _promote(_command: Command) -> str:
    question_ = _(
        "Promote the canary from {pct}% to the next phase? It happens only if every criterion is met."
    ).format(pct=flags.read().canary_pct)
    return f"{question_}\n{leaves(_held(FlagKey.OUTBOUND_CANARY))}"


def _reduce(command: Command) -> str:
    question_ = _("Reduce the canary from {before}% to {after}%?").format(
        before=flags.read().canary_pct, after=command.pct
    )
    outside = _queued().filter(method__in=PROACTIVE, contact__bucket__gte=command.pct)
    return f"{question_}\n{stays(outside.count())}"


def _opt_out(command: Command) -> str:
    count = _queued().filter(contact__phone=command.phone).count()
    return _("Write to {phone} no more? {count} queued messages are cancelled.").format(
        phone=masked(command.phone), count=count
    )


def _drill(command: Command) -> str:
    if command.drill is DrillName.BYPASS:
        stops = _("It sends to the drill contact only.")
    else:
        stops = _("It really stops what it exercises for a moment, and puts it back.")
    question_ = _("Run the drill {name} on the running system?").format(name=escape(command.drill or ""))
    return f"{question_} {stops}\n{stays(_queued().count())} {under_way(in_flight())}"


_QUESTIONS: Mapping[tuple[Name, Action | None], Callable[[Command], str]] = {
    (Name.PAUSE, None): _pause,
    (Name.RESUME, None): _resume,
    (Name.CAMPAIGNS, Action.OFF): _campaigns_off,
    (Name.CAMPAIGNS, Action.ON): _campaigns_on,
    (Name.BRIDGE, Action.OFF): _bridge_off,
    (Name.BRIDGE, Action.ON): _bridge_on,
    (Name.CANARY, Action.PROMOTE): _promote,
    (Name.CANARY, Action.REDUCE): _reduce,
    (Name.OPT_OUT, None): _opt_out,
    (Name.DRILL, None): _drill,
}


def _queued() -> QuerySet[OutboundMessage]:
    return OutboundMessage.objects.filter(status=Status.QUEUED)


def _held(key: FlagKey) -> int:
    return _queued().filter(due_at=None, reason=HELD_BY[key]).count()
