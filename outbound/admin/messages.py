from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from canary.filters import day_of, exactly, one_of
from canary.permissions import actor_of
from canary.questions import Answer, Question, ReasonForm, ask, choice
from canary.read_only import ReadOnlyAdmin, Related
from outbound import resolution, story_words
from outbound import story as telling
from outbound.admin import history
from outbound.methods import Status
from outbound.models import OutboundMessage
from outbound.resolution import NotUnknownError, Word
from outbound.words import METHODS, REASONS, STATUSES
from outbound.words import reason as reason_words

STATUS_COLOURS = {
    Status.QUEUED: "info",
    Status.SENDING: "info",
    Status.SENT: "success",
    Status.FAILED: "danger",
    Status.BLOCKED: "warning",
    Status.UNKNOWN: "danger",
}
LIST = "admin:outbound_outboundmessage_changelist"


class WordForm(ReasonForm):
    """What a person says of a message without proof, and how she knows."""

    word = choice(
        _("What happened to it?"),
        [(Word.SENT, _("It left: it was seen on the phone")), (Word.REQUEUE, _("It did not leave: queue it again"))],
    )
    field_order = ["word", "reason"]


@admin.register(OutboundMessage)
class OutboundMessageAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "contact", "way", "state", "why", "due_at", "sent_at", "sender"]
    list_filter = [
        one_of("status", _("status"), STATUSES),
        one_of("reason", _("reason"), REASONS),
        one_of("method", _("method"), METHODS),
        day_of("created_at"),
        exactly("contact", _("contact")),
    ]
    list_select_related = ["contact", "sender"]
    list_disable_select_all = True
    ordering = ["-created_at"]
    fields = [
        ("contact", "sender"),
        ("way", "channel"),
        ("in_words", "why", "error"),
        ("created_at", "due_at", "expires_at"),
        ("attempts", "attempted_at", "sent_at"),
        ("actor_type", "actor_id", "bypass_reason"),
        ("template_ref", "provider_message_id"),
        "text",
    ]
    readonly_fields = ["way", "in_words", "why"]
    actions = ["cancel_selected"]
    actions_detail = ["story", "settle", "cancel"]

    @display(description=_("method"))
    def way(self, message: OutboundMessage) -> str:
        return str(METHODS[message.method])

    @display(description=_("status"), label={str(status): colour for status, colour in STATUS_COLOURS.items()})
    def state(self, message: OutboundMessage) -> tuple[str, str]:
        return message.status, self.in_words(message)

    @display(description=_("status"))
    def in_words(self, message: OutboundMessage) -> str:
        return str(STATUSES[message.status])

    @display(description=_("reason"))
    def why(self, message: OutboundMessage) -> str:
        return reason_words(message.reason)

    def related(self, obj: OutboundMessage) -> Sequence[Related]:
        return [history.of_message(obj)]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.cancel_many)
        return [path("cancel/", view, name="outbound_outboundmessage_cancel_many"), *super().get_urls()]

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        # Only what would change something is offered.
        status = OutboundMessage.objects.filter(pk=object_id).values_list("status", flat=True).first()
        useful = {Status.UNKNOWN: "settle", Status.QUEUED: "cancel"}.get(Status(status)) if status else None
        offered = super().get_actions_detail(request, object_id)
        return [one for one in offered if one.action_name.endswith(("_story", f"_{useful}"))]

    @action(description=_("Its story"), url_path="story", permissions=["view"], icon="timeline")
    def story(self, request: HttpRequest, object_id: str) -> HttpResponse:
        told = telling.tell([UUID(object_id)], now=timezone.now()).get(UUID(object_id))
        if told is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("A message's story"),
            "story": told,
            "stands": story_words.stands(told),
            "lines": story_words.lines(told),
        }
        return TemplateResponse(request, "outbound/story.html", context)

    @action(description=_("Say what happened to it"), url_path="settle", permissions=["operate"], icon="gavel")
    def settle(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = Question(
            title=gettext("Did this message leave?"),
            lines=[
                gettext("Nothing proves it yet. Look at the phone, or ask the contact, before you say so."),
                gettext("A message queued again goes out a second time if it had left after all."),
            ],
            submit=gettext("Say so"),
            back=reverse("admin:outbound_outboundmessage_change", args=[object_id]),
            form_class=WordForm,
        )
        return ask(request, question, act=lambda data: _settle(request, UUID(object_id), data))

    @action(
        description=_("Cancel"), url_path="cancel", permissions=["operate"], icon="cancel", variant=ActionVariant.DANGER
    )
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask_to_cancel(request, [UUID(object_id)])

    @admin.action(description=_("Cancel those that wait"), permissions=["operate"])
    def cancel_selected(self, _request: HttpRequest, queryset: QuerySet[OutboundMessage]) -> HttpResponse:
        ids = ",".join(str(pk) for pk in queryset.values_list("pk", flat=True)[: self.list_per_page])
        return HttpResponseRedirect(f"{reverse('admin:outbound_outboundmessage_cancel_many')}?ids={ids}")

    def cancel_many(self, request: HttpRequest) -> HttpResponse:
        if not self.has_operate_permission(request):
            raise PermissionDenied
        try:
            ids = [UUID(text) for text in request.GET.get("ids", "").split(",")]
        except ValueError:
            return HttpResponseRedirect(reverse(LIST))
        return self._ask_to_cancel(request, ids)

    def _ask_to_cancel(self, request: HttpRequest, ids: list[UUID]) -> HttpResponse:
        waiting = OutboundMessage.objects.filter(pk__in=ids, status=Status.QUEUED).count()
        question = Question(
            title=gettext("Cancel {count} waiting messages?").format(count=waiting),
            lines=[gettext("They never leave. What is being sent already, or was sent, cannot be called back.")],
            submit=gettext("Cancel them"),
            back=reverse(LIST),
            is_dangerous=True,
        )
        return ask(request, question, act=lambda data: _cancel(request, ids, data["reason"]))


def _settle(request: HttpRequest, message_id: UUID, data: dict[str, Any]) -> Answer:
    try:
        resolution.resolve(
            message_id=message_id,
            word=Word(data["word"]),
            actor=actor_of(request.user),
            reason=data["reason"],
            now=timezone.now(),
        )
    except NotUnknownError:
        return Answer(text=gettext("Somebody or something was faster: its outcome is known by now."), is_done=False)
    return Answer(text=gettext("Done; your name and reason are in the history."))


def _cancel(request: HttpRequest, ids: list[UUID], reason: str) -> Answer:
    cancelled = resolution.cancel(ids=ids, actor=actor_of(request.user), reason=reason, now=timezone.now())
    if not cancelled:
        return Answer(text=gettext("None of them waits any more: they left, or somebody was faster."), is_done=False)
    return Answer(
        text=gettext("{count} cancelled: they never leave.").format(count=cancelled), is_done=cancelled == len(ids)
    )
