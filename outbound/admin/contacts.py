from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from canary.filters import one_of
from canary.permissions import actor_of
from canary.questions import Answer, Question, ask
from canary.read_only import Related
from canary.searching import Found, SearchedByForm
from outbound import contacts, phones
from outbound.admin import explaining, history
from outbound.methods import ContactKind, Method
from outbound.models import Contact, OutboundMessage
from outbound.words import METHODS


class OptedOut(admin.SimpleListFilter):
    """Whether somebody wants no messages."""

    title = _("opted out")
    parameter_name = "opted_out"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("opted out")), ("no", _("may be written to"))]

    def queryset(self, _request: HttpRequest, queryset: QuerySet[Contact]) -> QuerySet[Contact]:
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(opted_out_at__isnull=self.value() == "no")


@admin.register(Contact)
class ContactAdmin(SearchedByForm):
    list_display = ["who", "kind", "phone", "bucket", "state", "created_at"]
    list_filter = [
        one_of("kind", _("kind"), {ContactKind.DOCTOR: _("doctor"), ContactKind.DIVULGADOR: _("divulgador")}),
        OptedOut,
        Found,
    ]
    search_label = _("Phone, or how the name begins")
    ordering = ["-created_at"]
    fields = [
        ("name", "kind"),
        ("phone", "bucket"),
        ("opted_out_at", "opted_out_reason"),
        ("cooling_off_until", "next_allowed_at"),
        "created_at",
    ]
    actions_detail = ["why_not", "opt_out", "opt_in"]

    @display(description=_("name"))
    def who(self, contact: Contact) -> str:
        return contact.name or "—"

    @display(description=_("state"), label={"out": "danger", "in": "success"})
    def state(self, contact: Contact) -> tuple[str, str]:
        return ("out", gettext("opted out")) if contact.opted_out_at else ("in", gettext("may be written to"))

    def found_by(self, term: str) -> Q:
        return _called(term)

    def related(self, obj: Contact) -> Sequence[Related]:
        return [history.messages_to(obj.pk), history.of_contact(obj.pk)]

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        # Of opting out and in again only the one that would change something is offered.
        is_out = Contact.objects.filter(pk=object_id, opted_out_at__isnull=False).exists()
        useless = "opt_out" if is_out else "opt_in"
        offered = super().get_actions_detail(request, object_id)
        return [one for one in offered if not one.action_name.endswith(useless)]

    @action(description=_("Why not?"), url_path="why-not", permissions=["view"], icon="help")
    def why_not(self, request: HttpRequest, object_id: str) -> HttpResponse:
        contact = self.get_object(request, object_id)
        asked = request.GET.get("method")
        method = Method(asked) if asked in set(Method) else Method.CAMPAIGN
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Would a message to {who} go out now?").format(who=contact),
            "contact": contact,
            "method": method,
            "methods": METHODS,
            **explaining.context(contact.pk, method=method, now=timezone.now()),
        }
        return TemplateResponse(request, "outbound/why_not.html", context)

    @action(
        description=_("Opt out"),
        url_path="opt-out",
        permissions=["operate"],
        icon="do_not_disturb_on",
        variant=ActionVariant.DANGER,
    )
    def opt_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        waiting = OutboundMessage.objects.filter(contact_id=object_id, status="queued").count()
        question = Question(
            title=gettext("Write to {who} no more?").format(who=self.get_object(request, object_id)),
            lines=[
                gettext(
                    "{count} waiting messages are cancelled. Answers to what the contact writes stay possible."
                ).format(count=waiting)
            ],
            submit=gettext("Opt out"),
            back=_page(object_id),
            is_dangerous=True,
        )
        return ask(request, question, act=lambda data: _opt_out(request, UUID(object_id), data["reason"]))

    @action(description=_("Opt in again"), url_path="opt-in", permissions=["operate"], icon="do_not_disturb_off")
    def opt_in(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = Question(
            title=gettext("Write to {who} again?").format(who=self.get_object(request, object_id)),
            lines=[gettext("Only because the contact said so: say where and when.")],
            submit=gettext("Opt in again"),
            back=_page(object_id),
        )
        return ask(request, question, act=lambda data: _opt_in(request, UUID(object_id), data["reason"]))


def _called(term: str) -> Q:
    """What is meant by a search: a phone in whatever form, how one begins, or how a name does."""
    try:
        return Q(phone=phones.normalise(term))
    except phones.InvalidPhoneError:
        return Q(phone__startswith=term) if term.isdigit() else Q(name__istartswith=term.strip())


def _page(object_id: str) -> str:
    return reverse("admin:outbound_contact_change", args=[object_id])


@transaction.atomic(durable=True)
def _opt_out(request: HttpRequest, contact_id: UUID, reason: str) -> Answer:
    actor, now = actor_of(request.user), timezone.now()
    if contacts.opt_out(contact_id=contact_id, actor=actor, reason=reason, now=now):
        return Answer(text=gettext("Opted out. Nothing that we begin reaches this contact any more."))
    return Answer(text=gettext("Somebody was faster: this contact had opted out already."), is_done=False)


@transaction.atomic(durable=True)
def _opt_in(request: HttpRequest, contact_id: UUID, reason: str) -> Answer:
    actor, now = actor_of(request.user), timezone.now()
    if contacts.opt_in(contact_id=contact_id, actor=actor, reason=reason, now=now):
        return Answer(text=gettext("Opted in: this contact may be written to again."))
    return Answer(text=gettext("Somebody was faster: this contact was opted in already."), is_done=False)
