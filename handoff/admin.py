from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.db.models import Case, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline

from canary.permissions import actor_of
from canary.questions import ReasonForm
from canary.read_only import ReadOnlyAdmin
from canary.searching import Found, SearchedByForm
from handoff import operating, texts
from handoff.models import ExternalHandoff, HandoffMessage, Vaga
from handoff.operating import Order
from handoff.states import UNDECIDED
from handoff.transitions import ImpossibleChangeError
from outbound import phones

# The follow-ups' hours: what waits longer than these deserves a look.
AGES_H = (2, 24, 36)


class WaitingFilter(admin.SimpleListFilter):
    """What waits for a decision, by how long it has."""

    title = gettext_lazy("waiting")
    parameter_name = "waiting"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> Sequence[tuple[str, str]]:
        longer = [(str(hours), _("for more than {hours} h").format(hours=hours)) for hours in AGES_H]
        return [("0", _("for any time")), *longer]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[ExternalHandoff]) -> QuerySet[ExternalHandoff]:
        if self.value() not in {"0", *map(str, AGES_H)}:
            return queryset
        longest = timezone.now() - timedelta(hours=int(self.value() or 0))
        return queryset.filter(status__in=UNDECIDED, created_at__lte=longest)


class HandoffMessageInline(TabularInline):  # type: ignore[misc] # unfold has no types
    model = HandoffMessage
    fields = readonly_fields = ["step", "state", "left_at"]
    extra = 0
    can_delete = False

    @admin.display(description=gettext_lazy("status"))
    def state(self, step: HandoffMessage) -> str:
        return f"{step.message.status} {step.message.reason or ''}".rstrip()

    def has_add_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


@admin.register(ExternalHandoff)
class ExternalHandoffAdmin(SearchedByForm):
    """The bridges, those that wait first and the oldest of them on top; what a person can order asks for a reason."""

    list_display = ["age", "status", "vaga", "doctor", "divulgador", "expires_at", "ended_via", "note"]
    list_display_links = ["age", "vaga"]
    list_filter = [WaitingFilter, "status", "ended_via", Found]
    list_select_related = ["vaga", "doctor", "divulgador"]
    search_label = gettext_lazy("Id, how the hospital begins, or the divulgador's phone")
    inlines = [HandoffMessageInline]
    actions = ["expire", "revert", "confirm", "refuse"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExternalHandoff]:
        waits_first = Case(When(status__in=UNDECIDED, then=Value(0)), default=Value(1))
        bridges: QuerySet[ExternalHandoff] = super().get_queryset(request)
        return bridges.annotate(waits_first=waits_first).order_by("waits_first", "created_at")

    def found_by(self, term: str) -> Q:
        return _meant_by(term)

    @admin.display(description=gettext_lazy("age"), ordering="created_at")
    def age(self, handoff: ExternalHandoff) -> str:
        until = handoff.ended_at or timezone.now()
        return f"{(until - handoff.created_at).total_seconds() / 3600:.1f} h"

    @admin.action(description=gettext_lazy("Expire now: the vaga opens, both are told"), permissions=["operate"])
    def expire(self, request: HttpRequest, chosen: QuerySet[ExternalHandoff]) -> HttpResponse | None:
        return self._order(Order.EXPIRE, request, chosen)

    @admin.action(
        description=gettext_lazy("Revert a confirmation: the vaga opens, both are told"), permissions=["operate"]
    )
    def revert(self, request: HttpRequest, chosen: QuerySet[ExternalHandoff]) -> HttpResponse | None:
        return self._order(Order.REVERT, request, chosen)

    @admin.action(description=gettext_lazy("Confirm for the divulgador: the vaga closes"), permissions=["operate"])
    def confirm(self, request: HttpRequest, chosen: QuerySet[ExternalHandoff]) -> HttpResponse | None:
        return self._order(Order.CONFIRM, request, chosen)

    @admin.action(description=gettext_lazy("Deny for the divulgador: the vaga opens"), permissions=["operate"])
    def refuse(self, request: HttpRequest, chosen: QuerySet[ExternalHandoff]) -> HttpResponse | None:
        return self._order(Order.REFUSE, request, chosen)

    def _order(self, order: Order, request: HttpRequest, chosen: QuerySet[ExternalHandoff]) -> HttpResponse | None:
        """Ask for a reason first; then carry the order out on each of the chosen ones, and say how it went."""
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            return self._ask_why(order, request, chosen, form)
        for handoff in chosen:
            reason = form.cleaned_data["reason"]
            level, words = _carry_out(order, handoff, actor=actor_of(request.user), reason=reason)
            self.message_user(request, words, level=level)
        return None

    def _ask_why(
        self, order: Order, request: HttpRequest, chosen: QuerySet[ExternalHandoff], form: ReasonForm
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": getattr(type(self), order).short_description,
            "opts": self.model._meta,  # noqa: SLF001 - Django's own name for it
            "order": order,
            "chosen": [(handoff.pk, handoff.status, texts.shift(handoff.vaga)) for handoff in chosen],
            "checkbox": ACTION_CHECKBOX_NAME,
            "form": form,
        }
        return TemplateResponse(request, "admin/handoff/reason.html", context)


@admin.register(Vaga)
class VagaAdmin(ReadOnlyAdmin):
    list_display = ["hospital", "date", "period", "value", "status", "divulgador"]
    list_filter = ["status"]
    list_select_related = ["divulgador"]
    search_fields = ["hospital__istartswith"]
    ordering = ["-date"]


def _meant_by(term: str) -> Q:
    """What is meant by a search: a bridge's id, a phone in whatever form, how one begins, or how a hospital does."""
    with suppress(ValueError):
        return Q(pk=UUID(term))
    try:
        return Q(divulgador__phone=phones.normalise(term))
    except phones.InvalidPhoneError:
        named = Q(vaga__hospital__istartswith=term)
        return Q(divulgador__phone__startswith=term) if term.isdigit() else named


def _carry_out(order: Order, handoff: ExternalHandoff, *, actor: str, reason: str) -> tuple[int, str]:
    shift = texts.shift(handoff.vaga)
    try:
        with transaction.atomic(durable=True):
            operating.carry_out(order, handoff_id=handoff.pk, actor=actor, reason=reason, now=timezone.now())
    except ImpossibleChangeError as error:
        words = _("{shift}: nothing was changed, the bridge is {status}.").format(shift=shift, status=error.status)
        return messages.ERROR, words
    except ValueError:
        words = _("{shift}: nothing was changed. A reason has no phones, e-mails or CPFs.").format(shift=shift)
        return messages.ERROR, words
    return messages.SUCCESS, _("{shift}: done; your name and reason are in the history.").format(shift=shift)
