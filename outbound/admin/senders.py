from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from canary.permissions import actor_of
from canary.questions import Answer, Question, ask
from canary.read_only import ReadOnlyAdmin, Related
from outbound import senders
from outbound.guardrails.limits import Limit
from outbound.models import OutboundMessage, Sender


@admin.register(Sender)
class SenderAdmin(ReadOnlyAdmin):
    list_display = ["instance", "state", "used", "circuit_failures", "circuit_trips", "circuit_open_until", "resume_at"]
    ordering = ["instance"]
    fields = [
        ("instance", "connection"),
        ("in_words", "stopped_reason"),
        ("circuit_failures", "circuit_trips", "circuit_open_until"),
        ("resume_at", "last_claimed_at", "created_at"),
    ]
    readonly_fields = ["in_words"]
    actions_detail = ["resume"]

    @display(
        description=_("state"), label={"stopped": "danger", "apart": "danger", "open": "warning", "ready": "success"}
    )
    def state(self, sender: Sender) -> tuple[str, str]:
        if sender.stopped_reason:
            return "stopped", gettext("stopped")
        if sender.connection != "open":
            return "apart", gettext("disconnected")
        is_open = sender.circuit.is_open(timezone.now())
        return ("open", gettext("circuit open")) if is_open else ("ready", gettext("ready"))

    @display(description=_("state"))
    def in_words(self, sender: Sender) -> str:
        return str(self.state(sender)[1])

    @display(description=_("limits used"))
    def used(self, sender: Sender) -> str:
        return " · ".join(f"{count}/{limit.count}" for limit, count in _usage(sender, now=timezone.now()))

    def related(self, obj: Sender) -> Sequence[Related]:
        usage = _usage(obj, now=timezone.now())
        return [
            Related(
                title=gettext("Limits"),
                headers=[gettext("in any"), gettext("allowed"), gettext("used")],
                rows=[(_length(limit), limit.count, count) for limit, count in usage],
            )
        ]

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        is_stopped = Sender.objects.filter(pk=object_id).exclude(stopped_reason="").exists()
        return super().get_actions_detail(request, object_id) if is_stopped else []

    @action(description=_("Resume"), url_path="resume", permissions=["operate"], icon="play_arrow")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        sender = Sender.objects.get(pk=object_id)
        question = Question(
            title=gettext("Let {sender} go on?").format(sender=sender),
            lines=[
                gettext("It was stopped: {reason}").format(reason=sender.stopped_reason),
                gettext("What waits for it goes out at once. Mend its key or instance first."),
            ],
            submit=gettext("Resume"),
            back=reverse("admin:outbound_sender_change", args=[object_id]),
        )
        return ask(request, question, act=lambda data: _resume(request, sender.instance, data["reason"]))


def _usage(sender: Sender, *, now: datetime) -> list[tuple[Limit, int]]:
    attempted = OutboundMessage.objects.filter(sender=sender)
    return [
        (limit, attempted.filter(attempted_at__gt=now - limit.window).count())
        for limit in settings.OUTBOUND_RATE_LIMITS
    ]


def _length(limit: Limit) -> str:
    minutes = int(limit.window.total_seconds()) // 60
    return gettext("{count} hours").format(count=minutes // 60) if minutes >= 60 else f"{minutes} min"  # noqa: PLR2004


def _resume(request: HttpRequest, instance: str, reason: str) -> Answer:
    if senders.resume(instance=instance, actor=actor_of(request.user), reason=reason, now=timezone.now()):
        return Answer(text=gettext("{sender} goes on.").format(sender=instance))
    return Answer(text=gettext("Somebody was faster: it was not stopped any more."), is_done=False)
