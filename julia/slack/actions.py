"""What the commands do: for each one call of what the admin and the terminal call, too, and words for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from canary import drills, flags, incidents, personal_data, rollout
from canary.drills import DrillError
from canary.incidents import AlreadyResolvedError
from canary.models import Incident
from canary.rollout import NoGoError, NotLowerError
from handoff import switch as bridge_switch
from julia.slack import blocks, outlook, reports
from julia.slack.answers import Answer, Audience, escape
from julia.slack.commands import Action, Command, DrillName, Name
from julia.slack.permissions import Operator
from outbound import contacts, killswitch
from outbound import jobs as outbound_jobs
from outbound.contacts import Person
from outbound.killswitch import Switch, SwitchReport


def perform(command: Command, *, operator: Operator, now: datetime) -> Answer:
    """Do what a command says, and tell what happened."""
    return _ACTIONS[command.name, command.action](command, operator, now)


def pause(command: Command, operator: Operator, now: datetime) -> Answer:
    """Stop everything; once this returns, no send begins any more."""
    report = killswitch.turn(switch=Switch.JULIA, on=False, actor=operator.name, reason=reason_of(command), now=now)
    return _stopped(report, command, operator, on=_("Julia was paused already."), off=_("Julia is paused."))


def resume(command: Command, operator: Operator, now: datetime) -> Answer:
    report = killswitch.turn(switch=Switch.JULIA, on=True, actor=operator.name, reason=reason_of(command), now=now)
    return _started(report, command, operator, before=_("Julia was on already."), now=_("Julia is on."))


def campaigns_off(command: Command, operator: Operator, now: datetime) -> Answer:
    report = killswitch.turn(switch=Switch.CAMPAIGNS, on=False, actor=operator.name, reason=reason_of(command), now=now)
    return _stopped(report, command, operator, on=_("Campaigns were off already."), off=_("Campaigns are off."))


def campaigns_on(command: Command, operator: Operator, now: datetime) -> Answer:
    report = killswitch.turn(switch=Switch.CAMPAIGNS, on=True, actor=operator.name, reason=reason_of(command), now=now)
    return _started(report, command, operator, before=_("Campaigns were on already."), now=_("Campaigns are on."))


def bridge_off(command: Command, operator: Operator, now: datetime) -> Answer:
    report = killswitch.turn(
        switch=Switch.EXTERNAL_HANDOFF, on=False, actor=operator.name, reason=reason_of(command), now=now
    )
    already, off = _("The bridge was off already."), _("The bridge (ponte externa) is off.")
    return _stopped(report, command, operator, on=already, off=off)


def bridge_on(command: Command, operator: Operator, now: datetime) -> Answer:
    bridge_switch.turn_on(pct=percentage_of(command), actor=operator.name, reason=reason_of(command), now=now)
    text = _("The bridge (ponte externa) is on for {pct}% of the doctors.").format(pct=command.pct)
    return _changed(text, command, operator)


def promote(command: Command, operator: Operator, now: datetime) -> Answer:
    """Grow to the next phase, or tell everything that stands in the way."""
    try:
        moved = rollout.promote(actor=operator.name, reason=reason_of(command), now=now)
    except NoGoError as error:
        lines = [_("NO-GO: the canary stays at {pct}%.").format(pct=error.gate.pct), *reports.unmet(error.gate)]
        return Answer(text="\n".join(lines), blocks=blocks.paragraphs("\n".join(lines)), audience=Audience.CHANNEL)
    return _changed(_("The canary is at {pct}%.").format(pct=moved.to_pct), command, operator)


def reduce(command: Command, operator: Operator, now: datetime) -> Answer:
    try:
        moved = rollout.rollback(to_pct=percentage_of(command), actor=operator.name, reason=reason_of(command), now=now)
    except NotLowerError:
        return Answer(text=_("The canary stands at {pct}%: reduce it to less.").format(pct=flags.read().canary_pct))
    return _changed(_("The canary is at {pct}%.").format(pct=moved.to_pct), command, operator)


@transaction.atomic(durable=True)
def opt_out(command: Command, operator: Operator, now: datetime) -> Answer:
    """Write to a phone no more, whether it is known already or not."""
    contact_id = contacts.find_or_create([Person(phone=command.phone)])[command.phone]
    phone = outlook.masked(command.phone)
    if not contacts.opt_out(contact_id=contact_id, actor=operator.name, reason=reason_of(command), now=now):
        return Answer(text=_("{phone} had opted out already.").format(phone=phone))
    return _changed(_("{phone} is written to no more.").format(phone=phone), command, operator)


def acknowledge(*, incident_id: int, operator: Operator, now: datetime) -> Answer:
    """Say that somebody looks after an incident."""
    try:
        is_news = incidents.acknowledge(incident_id=incident_id, actor=operator.name, now=now)
    except Incident.DoesNotExist:
        return Answer(text=_("There is no incident {number}.").format(number=incident_id))
    except AlreadyResolvedError:
        return Answer(text=_("Incident {number} is resolved already.").format(number=incident_id))
    if not is_news:
        return Answer(text=_("Somebody takes care of incident {number} already.").format(number=incident_id))
    text = _("{who} takes care of incident {number}.").format(who=escape(operator.name), number=incident_id)
    return Answer(text=text, audience=Audience.CHANNEL)


def drill(command: Command, operator: Operator, _now: datetime) -> Answer:
    """Exercise the playbook on the running system, and tell how each exercise ended."""
    wanted = [plan.name for plan in drills.registered()] if command.drill is DrillName.ALL else [command.drill]
    lines = [_run_drill(str(name), actor=operator.name) for name in wanted]
    return Answer(text="\n".join(lines), audience=Audience.CHANNEL)


def percentage_of(command: Command) -> int:
    """The percentage named; the parser lets no command without one come here.

    Raises:
        ValueError: when there is none.
    """
    if command.pct is None:
        raise ValueError("The command names no percentage.")
    return command.pct


def reason_of(command: Command) -> str:
    """What the history says: the reason given, or where the command came from.

    A reason that holds personal data may not be kept; nobody who wants to stop Julia is refused for it.
    """
    given = command.reason.strip()
    return given if given and personal_data.find_kind(given) is None else f"{command.line} (Slack)"


_ACTIONS: Mapping[tuple[Name, Action | None], Callable[[Command, Operator, datetime], Answer]] = {
    (Name.PAUSE, None): pause,
    (Name.RESUME, None): resume,
    (Name.CAMPAIGNS, Action.ON): campaigns_on,
    (Name.CAMPAIGNS, Action.OFF): campaigns_off,
    (Name.CAMPAIGNS, Action.STATUS): reports.campaigns_status,
    (Name.BRIDGE, Action.ON): bridge_on,
    (Name.BRIDGE, Action.OFF): bridge_off,
    (Name.BRIDGE, Action.STATUS): reports.bridge_status,
    (Name.CANARY, Action.STATUS): reports.canary_status,
    (Name.CANARY, Action.PROMOTE): promote,
    (Name.CANARY, Action.REDUCE): reduce,
    (Name.HEALTH, None): reports.health,
    (Name.STATUS, None): reports.status,
    (Name.EXPLAIN, None): reports.explain_contact,
    (Name.OPT_OUT, None): opt_out,
    (Name.INCIDENTS, None): reports.incidents,
    (Name.DRILL, None): drill,
    (Name.HANDOFFS, None): reports.handoffs,
    (Name.HELP, None): reports.help_,
}


def _changed(text: str, command: Command, operator: Operator) -> Answer:
    by = _("By {who}: {why}").format(who=escape(operator.name), why=escape(reason_of(command)))
    note = [_("The reason held personal data and was not kept.")] if _reason_was_dropped(command) else []
    return Answer(text="\n".join([text, by, *note]), audience=Audience.CHANNEL)


def _stopped(report: SwitchReport, command: Command, operator: Operator, *, on: str, off: str) -> Answer:
    done = _changed(off, command, operator) if report.changed else Answer(text=on, audience=Audience.CHANNEL)
    return replace(done.with_more(outlook.under_way(report.in_flight)), is_watched=report.in_flight > 0)


def _started(report: SwitchReport, command: Command, operator: Operator, *, before: str, now: str) -> Answer:
    return _changed(now, command, operator) if report.changed else Answer(text=before)


def _reason_was_dropped(command: Command) -> bool:
    return bool(command.reason.strip()) and reason_of(command) != command.reason.strip()


def _clock() -> datetime:
    # A drill takes minutes, and times each of its steps itself.
    return timezone.now()  # noqa: TID251 - as above


def _is_told_to_stop() -> bool:
    # The worker's own dispatcher hears of SIGTERM at once: a drill puts everything back, and is not cut off.
    return outbound_jobs.dispatcher().is_stopping


def _run_drill(name: str, *, actor: str) -> str:
    try:
        outcome = drills.run(
            name=name, actor=actor, clock=_clock, on_step=lambda _step, _details: None, should_stop=_is_told_to_stop
        )
    except (KeyError, DrillError) as error:
        return _("🚫 `{name}` could not be judged: {problem}").format(name=name, problem=escape(str(error)))
    if outcome.passed:
        return _("✅ `{name}` passed.").format(name=name)
    return _("🚨 `{name}` failed: {problem}").format(name=name, problem=escape(outcome.problem))
