"""What one fills in for a campaign; what is wrong with it is said beside the field, and nothing typed is lost."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from canary.questions import ReasonForm
from outbound.campaigns import drafting, wording
from outbound.campaigns.drafting import DraftError
from outbound.campaigns.texts import TextError
from outbound.methods import ContactKind

LONGEST_NAME = 80


def _instant(label: Any) -> forms.DateTimeField:
    widget = UnfoldAdminTextInputWidget(attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=label, widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])


class DraftForm(ReasonForm):
    """A new campaign."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME, widget=UnfoldAdminTextInputWidget)
    text = forms.CharField(
        label=_("Text"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
        help_text=_("Variables in braces: {nome}, {primeiro_nome}, and those of the next field."),
    )
    variables = forms.CharField(
        label=_("Variables"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("One a line: hospital=Santa Casa"),
    )
    starts_at = _instant(_("Starts at"))
    ends_at = _instant(_("Ends at"))
    per_minute = forms.IntegerField(
        label=_("Messages per minute"),
        required=False,
        min_value=1,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Empty: as fast as the limits allow."),
    )
    field_order = ["name", "text", "variables", "starts_at", "ends_at", "per_minute", "reason"]

    def clean_variables(self) -> dict[str, str]:
        lines = [line.partition("=") for line in self.cleaned_data["variables"].splitlines() if line.strip()]
        return {name.strip(): value.strip() for name, _equals, value in lines}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.errors:
            return data
        try:
            drafting.check(**{key: value for key, value in data.items() if key != "reason"})
        except TextError as error:
            self.add_error("text", wording.of_text(error))
        except DraftError as error:
            self.add_error("ends_at", wording.of_draft(error))
        return data


class FileForm(ReasonForm):
    """People of a file."""

    file = forms.FileField(label=_("CSV file"))
    field_order = ["file", "reason"]


class FiltersForm(ReasonForm):
    """People by what they have in common."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("all")), (ContactKind.DOCTOR, _("doctor")), (ContactKind.DIVULGADOR, _("divulgador"))],
        widget=UnfoldAdminSelectWidget,
    )
    area_codes = forms.RegexField(
        regex=r"^\s*([1-9]{2}\s*)*$",
        label=_("Area codes"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Like 11 21; empty for all."),
    )
    quiet_days = forms.IntegerField(
        label=_("Nothing from us for so many days"), required=False, min_value=0, widget=UnfoldAdminIntegerFieldWidget
    )
    only_canary = forms.BooleanField(label=_("Only who is inside the canary's percentage"), required=False)
    most = forms.IntegerField(
        label=_("So many at most"), required=False, min_value=1, widget=UnfoldAdminIntegerFieldWidget
    )
    field_order = ["kind", "area_codes", "quiet_days", "only_canary", "most", "reason"]
