"""Ponte externa on the panel: turning it on asks for its share of doctors, and so does changing that share."""

from __future__ import annotations

from datetime import datetime

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from canary.flag_values import ALL_PERCENT
from canary.questions import Answer, Question, SeenForm
from handoff import switch
from julia.panel import switches
from julia.panel.switches import WORDS, last_said
from outbound.killswitch import ChangedMeanwhileError, Switch


class BridgeForm(SeenForm):
    """For how many, why, and what was seen when it was asked."""

    pct = forms.IntegerField(
        label=gettext_lazy("Percent of doctors"),
        min_value=0,
        max_value=ALL_PERCENT,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    field_order = ["pct", "reason"]


def question() -> Question:
    """Ask for how many doctors the bridge shall be on."""
    card, words, stands = switches.card(Switch.EXTERNAL_HANDOFF), WORDS[Switch.EXTERNAL_HANDOFF], switch.status()
    return Question(
        title=_("For how many doctors shall the bridge be on?"),
        lines=[
            str(words.meaning_of_on),
            _("Open bridges: {open}. Waiting in the queue: {waiting}.").format(
                open=stands.open_bridges, waiting=stands.waiting
            ),
            *([last_said(card.last)] if card.last else []),
        ],
        submit=_("Turn on for so many"),
        back=reverse("admin:index"),
        form_class=BridgeForm,
        initial={"seen": card.seen, "pct": stands.pct},
    )


def turn_on(*, pct: int, reason: str, seen: int, actor: str, now: datetime) -> Answer:
    """Turn the bridge on for so many doctors, and say how it stands then.

    Raises:
        ValueError: when the reason has personal data in it.
    """
    try:
        stands = switch.turn_on(pct=pct, actor=actor, reason=reason, seen=seen, now=now)
    except ChangedMeanwhileError as error:
        return switches.refused(error)
    if not stands.changed:
        return Answer(text=_("It already stood so; nothing was changed."), is_done=False)
    return Answer(text=_("The bridge (ponte externa) is on for {pct}% of the doctors.").format(pct=stands.pct))
