"""What the commands show that change nothing: how everything stands, in words for people."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from canary import evidence, flags, gate_words, gates, metrics
from canary.gates import Gate
from canary.metrics import Window
from canary.models import Incident, PhaseTransition
from handoff.models import ExternalHandoff
from julia.slack import blocks, outlook
from julia.slack.answers import Answer, escape
from julia.slack.commands import Command, Name, usage
from julia.slack.permissions import Operator, may_some
from outbound.guardrails.explain import explain
from outbound.guardrails.request import OutboundRequest
from outbound.guardrails.wording import MEANINGS, OUTCOMES, REMEDIES
from outbound.methods import Method, Status
from outbound.models import Contact, OutboundMessage

# The health that people look at every day (go/no-go document, Painel Diário).
HEALTH_WINDOW = timedelta(hours=24)
MOST_LISTED = 10


def campaigns_status(_command: Command, _operator: Operator, _now: datetime) -> Answer:
    is_on = flags.read().campaigns_enabled
    return Answer(text=_("Campaigns are on.") if is_on else _("Campaigns are off."))


def bridge_status(_command: Command, _operator: Operator, _now: datetime) -> Answer:
    return Answer(text=_bridge())


def canary_status(_command: Command, _operator: Operator, now: datetime) -> Answer:
    """Tell where the canary stands, and whether it may grow."""
    lines = [_("Canary: {pct}%.").format(pct=flags.read().canary_pct), *_verdict(now)]
    last = PhaseTransition.objects.first()
    if last:
        lines.append(
            _("Last change: {before}% → {after}%, {who}, {when}.").format(
                before=last.from_pct, after=last.to_pct, who=escape(last.actor), when=shown_at(last.at)
            )
        )
    return Answer(text="\n".join(lines), blocks=blocks.paragraphs("\n".join(lines)))


def health(_command: Command, _operator: Operator, now: datetime) -> Answer:
    """Measure the last 24 hours against the document's thresholds."""
    window = Window(since=now - HEALTH_WINDOW, until=now)
    readings = [(metric, metric.read(window)) for metric in metrics.registered()]
    violated = [metric.name for metric, reading in readings if not reading.is_ok]
    title = _("Health of the last 24 h: ALERT") if violated else _("Health of the last 24 h: OK")
    lines = [
        blocks.Line(
            name=metric.name,
            shown=reading.shown,
            threshold=metric.threshold,
            is_ok=reading.is_ok,
            action=str(metric.action),
        )
        for metric, reading in readings
    ]
    return Answer(
        text=": ".join([title, *filter(None, [", ".join(violated)])]), blocks=blocks.health(lines, title=title)
    )


def status(_command: Command, _operator: Operator, _now: datetime) -> Answer:
    """Tell in one message how everything stands."""
    now_set = flags.read()
    waiting = OutboundMessage.objects.filter(status=Status.QUEUED).count()
    unknown = OutboundMessage.objects.filter(status=Status.UNKNOWN).count()
    open_ = Incident.objects.filter(resolved_at=None).count()
    lines = [
        _("▶️ Julia is on.") if now_set.julia_enabled else _("⏸️ Julia is paused."),
        _("Campaigns are on.") if now_set.campaigns_enabled else _("Campaigns are off."),
        _bridge(),
        *([_("Safe mode is on.")] if now_set.safe_mode else []),
        _("Canary: {pct}%.").format(pct=now_set.canary_pct),
        _("In the queue: {waiting}. In flight: {in_flight}. Without proof: {unknown}.").format(
            waiting=waiting, in_flight=outlook.in_flight(), unknown=unknown
        ),
        _("Open incidents: {count}.").format(count=open_),
    ]
    return Answer(text="\n".join(lines))


def explain_contact(command: Command, _operator: Operator, now: datetime) -> Answer:
    """Tell which rules would stop a campaign message to this phone now, until when, and what would change that."""
    contact_id = _find_contact(command.phone)
    if contact_id is None:
        return Answer(text=_no_contact(command.phone))
    explanation = explain(OutboundRequest(cliente_id=contact_id, method=Method.CAMPAIGN), now=now)
    verdict = OUTCOMES[explanation.decision.outcome]
    lines = [
        _("A campaign message to {phone}: *{verdict}*.").format(phone=outlook.masked(command.phone), verdict=verdict)
    ]
    for objection in explanation.objections:
        if objection.reason:
            until = f" ({shown_at(objection.until)})" if objection.until else ""
            lines.append(f"• `{objection.reason}` {MEANINGS[objection.reason]}{until} {REMEDIES[objection.reason]}")
    return Answer(text="\n".join(lines), blocks=blocks.paragraphs("\n".join(lines)))


def incidents(_command: Command, _operator: Operator, _now: datetime) -> Answer:
    """List the open incidents, each with its buttons."""
    found = list(Incident.objects.filter(resolved_at=None).order_by("severity", "opened_at")[:MOST_LISTED])
    if not found:
        return Answer(text=_("No incident is open."))
    listed = [
        block
        for incident in found
        for block in blocks.incident(
            _incident_line(incident),
            incident_id=incident.pk,
            admin_url=admin_url(f"canary/incident/{incident.pk}/change/"),
        )
    ]
    return Answer(text="\n".join(_incident_line(incident) for incident in found), blocks=listed)


def handoffs(_command: Command, _operator: Operator, now: datetime) -> Answer:
    """List the open bridges, the oldest first."""
    open_ = ExternalHandoff.objects.undecided()
    lines = [_("Open bridges: {count}.").format(count=open_.count())]
    for bridge in open_.order_by("created_at")[:MOST_LISTED]:
        hours = (now - bridge.created_at) // timedelta(hours=1)
        lines.append(
            _("• `{id}` {status}, for {hours} h, expires {when}").format(
                id=bridge.pk, status=bridge.status, hours=hours, when=shown_at(bridge.expires_at)
            )
        )
    return Answer(text="\n".join(lines))


def help_(_command: Command, operator: Operator, _now: datetime) -> Answer:
    """List the commands that this operator may give."""
    lines = [
        _('As `/julia COMMAND`, or by the command\'s own name; "para as campanhas" and the like are understood, too.'),
        *(f"`{usage(name)}`" for name in Name if may_some(operator.level, name)),
    ]
    return Answer(text="\n".join(lines))


def shown_at(at: datetime) -> str:
    """An instant as São Paulo's people write it."""
    return date_format(timezone.localtime(at), "d/m H:i")


def admin_url(path: str = "") -> str:
    """Where something is in the admin."""
    return f"{settings.PUBLIC_BASE_URL.rstrip('/')}/admin/{path}"


def _bridge() -> str:
    now_set = flags.read()
    if not now_set.handoff_enabled:
        return _("The bridge (ponte externa) is off.")
    return _("The bridge (ponte externa) is on for {pct}% of the doctors.").format(pct=now_set.handoff_pct)


def _verdict(now: datetime) -> list[str]:
    gate = gates.evaluate(evidence.load(now=now))
    if gate.target is None:
        return [_("There is nothing to grow to.")]
    if gate.is_go:
        return [_("GO for {pct}%: every criterion is met.").format(pct=gate.target.pct)]
    return [_("NO-GO for {pct}%. What is missing:").format(pct=gate.target.pct), *unmet(gate)]


def unmet(gate: Gate) -> list[str]:
    """Name every criterion that is missing, and when it can be met at the earliest."""
    return [
        f"• *{gate_words.name_of(row.code)}* ({_earliest(row.earliest_at)}) "
        + " ".join(map(gate_words.says, row.missing))
        for row in gate.unmet
    ]


def _earliest(at: datetime | None) -> str:
    return _("not before {when}").format(when=shown_at(at)) if at else _("as soon as it is done")


def _find_contact(phone: str) -> Any:
    return Contact.objects.filter(phone=phone).values_list("pk", flat=True).first()


def _no_contact(phone: str) -> str:
    return _("No contact has the phone {phone}.").format(phone=outlook.masked(phone))


def _incident_line(incident: Incident) -> str:
    since = _("since {when}").format(when=shown_at(incident.opened_at))
    return f"*{incident.severity}* {escape(incident.kind)} {escape(incident.subject)} ({since})"
