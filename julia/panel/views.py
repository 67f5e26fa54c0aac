"""The panel's pages: what is seen, in fragments that renew themselves, and the questions behind its buttons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from canary import permissions
from canary.models import Incident
from canary.permissions import actor_of
from canary.questions import Answer, Question, SeenForm, ask
from julia.panel import bridge, changes, hourly, incidents, queue, rollout, switches, tiles
from julia.panel.switches import WORDS, last_said
from outbound import killswitch
from outbound.killswitch import ChangedMeanwhileError, Switch

ON, OFF = "on", "off"


class RollbackForm(SeenForm):
    """To where, and why."""

    to_pct = forms.IntegerField(
        label=gettext_lazy("New percentage"), min_value=0, max_value=99, widget=UnfoldAdminIntegerFieldWidget
    )
    field_order = ["to_pct", "reason"]


class AcknowledgeForm(forms.Form):
    """Nothing but the click."""


def index(request: HttpRequest, context: Mapping[str, Any]) -> HttpResponse:
    """Show the whole panel."""
    seen = _all(request) if request.user.has_perm(permissions.SEE) else {"is_hidden": True}
    return TemplateResponse(request, "julia/panel/index.html", {**context, "title": _("Panel"), **seen})


def now(request: HttpRequest) -> HttpResponse:
    """Answer the fragment that is renewed every few seconds: switches, queue, incidents."""
    _require(request, permissions.SEE)
    return TemplateResponse(request, "julia/panel/now.html", _now(request, at=timezone.now()))


def trend(request: HttpRequest) -> HttpResponse:
    """Answer the fragment that is renewed every half minute: canary, metrics, charts, last changes."""
    _require(request, permissions.SEE)
    return TemplateResponse(request, "julia/panel/trend.html", _trend(request, at=timezone.now()))


def switch(request: HttpRequest, switch: str, position: str) -> HttpResponse:
    """Ask whether to turn a switch, and turn it."""
    _require(request, permissions.OPERATE)
    if switch not in set(Switch) or position not in {ON, OFF}:
        raise Http404
    which, on = Switch(switch), position == ON
    if which is Switch.EXTERNAL_HANDOFF and on:
        return ask(request, bridge.question(), act=lambda data: bridge.turn_on(**data, **_who_and_when(request)))
    return ask(request, _switch_question(which, on=on), act=lambda data: _turn(request, which, on=on, **data))


def canary(request: HttpRequest, direction: str) -> HttpResponse:
    """Ask whether to grow or shrink the canary, and do so."""
    if direction not in {"promote", "rollback"}:
        raise Http404
    _require(request, permissions.GROW if direction == "promote" else permissions.OPERATE)
    stands = rollout.look(now=timezone.now())
    if direction == "promote":
        return ask(
            request, _promote_question(stands), act=lambda data: rollout.promote(**data, **_who_and_when(request))
        )
    return ask(request, _rollback_question(stands), act=lambda data: rollout.rollback(**data, **_who_and_when(request)))


def incident(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Ask whether to take care of an incident or to close it, and do so."""
    _require(request, permissions.OPERATE)
    if what not in {"acknowledge", "resolve"}:
        raise Http404
    found = get_object_or_404(Incident, pk=pk)
    who_and_when = {"pk": pk, **_who_and_when(request)}
    if what == "acknowledge":
        return ask(request, _acknowledge_question(found), act=lambda _data: incidents.acknowledge(**who_and_when))
    return ask(
        request, _resolve_question(found), act=lambda data: incidents.resolve(note=data["reason"], **who_and_when)
    )


def _all(request: HttpRequest) -> dict[str, Any]:
    at = timezone.now()
    return {**_now(request, at=at), **_trend(request, at=at)}


def _now(request: HttpRequest, *, at: datetime) -> dict[str, Any]:
    julia, *others = switches.cards()
    return {
        "at": at,
        "julia": julia,
        "switches": others,
        "queue": queue.look(now=at),
        "incidents": incidents.open_now(),
        "may_operate": request.user.has_perm(permissions.OPERATE),
    }


def _trend(request: HttpRequest, *, at: datetime) -> dict[str, Any]:
    return {
        "canary": rollout.look(now=at),
        "may_operate": request.user.has_perm(permissions.OPERATE),
        "may_grow": request.user.has_perm(permissions.GROW),
        "health": tiles.look(now=at),
        "charts": hourly.charts(now=at),
        "changes": changes.latest(),
    }


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _who_and_when(request: HttpRequest) -> dict[str, Any]:
    return {"actor": actor_of(request.user), "now": timezone.now()}


def _switch_question(which: Switch, *, on: bool) -> Question:
    words = WORDS[which]
    report = killswitch.status(switch=which)
    card = switches.card(which)
    is_stop = on is killswitch.SAFE_POSITIONS[which]
    return Question(
        title=str(words.turn_on if on else words.turn_off) + "?",
        lines=[
            str(words.meaning_of_on if on else words.meaning_of_off),
            _("In flight now: {in_flight}. Waiting in the queue: {waiting}.").format(
                in_flight=report.in_flight, waiting=report.waiting
            ),
            *([last_said(card.last)] if card.last and not is_stop else []),
        ],
        submit=str(words.turn_on if on else words.turn_off),
        back=reverse("admin:index"),
        is_dangerous=is_stop,
        form_class=SeenForm,
        initial={"seen": card.seen},
    )


def _turn(request: HttpRequest, which: Switch, *, on: bool, reason: str, seen: int) -> Answer:
    try:
        report = killswitch.turn(switch=which, on=on, reason=reason, seen=seen, **_who_and_when(request))
    except ChangedMeanwhileError as error:
        return switches.refused(error)
    if not report.changed:
        card = switches.card(which)
        said = last_said(card.last) if card.last else ""
        return Answer(text=_("It stood so already. {before}").format(before=said), is_done=False)
    state = WORDS[which].is_on if on else WORDS[which].is_off
    counts = _("In flight at that moment: {in_flight}. Waiting in the queue: {waiting}.")
    title = state if which is Switch.JULIA else f"{WORDS[which].title}: {state}"
    return Answer(text=f"{title}. " + counts.format(in_flight=report.in_flight, waiting=report.waiting))


def _promote_question(stands: rollout.Canary) -> Question:
    verdict = stands.verdict
    if verdict is None:
        lines = [_("There is no phase above this one.")]
    elif verdict.is_go:
        lines = [_("GO: every criterion is met. The audience grows at once, and what it held is released.")]
    else:
        lines = [_("NO-GO: it will be refused, as this is missing:"), *(row.name for row in verdict.unmet)]
    return Question(
        title=_("Promote from {before}% to {after}%?").format(
            before=stands.pct, after=verdict.pct if verdict else stands.pct
        ),
        lines=lines,
        submit=_("Promote"),
        back=reverse("admin:index"),
        form_class=SeenForm,
        initial={"seen": stands.pct},
    )


def _rollback_question(stands: rollout.Canary) -> Question:
    return Question(
        title=_("Reduce the canary from {pct}%?").format(pct=stands.pct),
        lines=[
            _("Always allowed, and obeyed by the next send. What falls outside waits until the canary grows again.")
        ],
        submit=_("Reduce"),
        back=reverse("admin:index"),
        is_dangerous=True,
        form_class=RollbackForm,
        initial={"seen": stands.pct, "to_pct": stands.lower[-1]},
    )


def _acknowledge_question(found: Incident) -> Question:
    return Question(
        title=_("Take care of: {what}?").format(what=found),
        lines=[_("Everybody sees that you do. It stays open until somebody resolves it with a note.")],
        submit=_("I take care of it"),
        back=reverse("admin:index"),
        form_class=AcknowledgeForm,
    )


def _resolve_question(found: Incident) -> Question:
    return Question(
        title=_("Resolve: {what}?").format(what=found),
        lines=[_("Say what it was and what was done. It switches nothing on.")],
        submit=_("Resolve"),
        back=reverse("admin:index"),
    )
