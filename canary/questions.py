"""Asking before doing: a page that says what will happen, wants a reason, and does it once it is confirmed.

Every screen that changes something is a question and the one call that answers it, so that all of them ask alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

LONGEST_REASON = 200


class ReasonForm(forms.Form):
    """What every change needs."""

    reason = forms.CharField(
        label=_("Why?"),
        max_length=LONGEST_REASON,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2, "autofocus": True}),
        help_text=_("For the history. No phones, e-mails or CPFs."),
    )


class SeenForm(ReasonForm):
    """Why, and what was seen when it was asked: whoever goes by what is no longer so is told."""

    seen = forms.IntegerField(widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: `lines` say what will happen, `submit` is the button's text, `back` where one goes afterwards."""

    title: str
    lines: Sequence[str]
    submit: str
    back: str
    is_dangerous: bool = False
    form_class: type[forms.Form] = ReasonForm
    initial: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of it, in words; `is_done` says whether anything was changed."""

    text: str
    is_done: bool = True


def choice(label: Any, choices: Sequence[tuple[str, Any]]) -> forms.ChoiceField:
    """A field of a question where one picks one of a few."""
    return forms.ChoiceField(label=label, choices=choices, widget=UnfoldAdminSelectWidget)


def ask(request: HttpRequest, question: Question, *, act: Callable[[dict[str, Any]], Answer]) -> HttpResponse:
    """Show a question, or do what was confirmed: `act` gets the form's data, and may raise ValueError to refuse it."""
    form = question.form_class(request.POST or None, request.FILES or None, initial={**question.initial})
    if request.method == "POST" and form.is_valid():
        try:
            answer = act(form.cleaned_data)
        except ValueError:
            form.add_error(
                "reason" if "reason" in form.fields else None,
                gettext("Nothing was changed: leave out phones, e-mails and CPFs."),
            )
        else:
            messages.add_message(request, messages.SUCCESS if answer.is_done else messages.WARNING, answer.text)
            return HttpResponseRedirect(question.back)
    context = {**admin.site.each_context(request), "title": question.title, "question": question, "form": form}
    return TemplateResponse(request, "canary/question.html", context)
