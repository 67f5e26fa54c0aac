from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
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
from canary.questions import Answer, Question, ReasonForm, ask
from canary.read_only import ReadOnlyAdmin
from outbound.admin import campaign_pages as pages
from outbound.admin.campaign_forms import DraftForm, FileForm, FiltersForm
from outbound.campaigns import audience, control, drafting, rehearsal, results, roster, states, wording
from outbound.campaigns.audience import Added, Filters, NotDraftError
from outbound.campaigns.drafting import DraftError
from outbound.campaigns.readiness import NotReadyError
from outbound.campaigns.states import ImpossibleMoveError, Move
from outbound.methods import CampaignState, ContactKind
from outbound.models import Campaign

STATE_COLOURS = {
    CampaignState.DRAFT: "info",
    CampaignState.SCHEDULED: "info",
    CampaignState.RUNNING: "success",
    CampaignState.PAUSED: "warning",
    CampaignState.DONE: "info",
    CampaignState.CANCELLED: "danger",
}
# So many wrong lines of a file are named on the screen; the terminal names them all.
MOST_LINES = 10
# How often the page of a campaign that is under way loads itself anew, in seconds.
REFRESH_S = 3
OVER = (CampaignState.DONE, CampaignState.CANCELLED)
MEANINGS = {
    Move.SCHEDULE: _("It starts by itself at its window's start, and its audience stays as it is."),
    Move.START: _("Its messages go out now, as far as the guardrails let them."),
    Move.PAUSE: _("What waits is held at once. What is being sent already cannot be called back."),
    Move.RESUME: _("What waits goes out, as far as the guardrails let it."),
    Move.CANCEL: _("What has not left never does, and it cannot be taken up again."),
}


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ["name", "stands", "starts_at", "ends_at", "per_minute", "owner", "created_at"]
    list_filter = [one_of("state", _("state"), wording.STATES)]
    ordering = ["-created_at"]
    fields = ["name", "text", "variables", ("in_words", "owner"), ("starts_at", "ends_at", "per_minute"), "created_at"]
    readonly_fields = ["in_words"]
    actions_list = ["draft"]
    actions_detail = ["look", "rehearse", "add_file", "add_found", "schedule", "start", "pause", "resume", "cancel"]

    @display(description=_("state"), label={str(state): colour for state, colour in STATE_COLOURS.items()})
    def stands(self, campaign: Campaign) -> tuple[str, str]:
        return campaign.state, self.in_words(campaign)

    @display(description=_("state"))
    def in_words(self, campaign: Campaign) -> str:
        return str(wording.STATES[campaign.state])

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        # Only what can be done where it stands is offered.
        state = Campaign.objects.filter(pk=object_id).values_list("state", flat=True).first()
        if state is None:
            return []
        useful = {"look", "rehearse", *states.possible(CampaignState(state))}
        if state == CampaignState.DRAFT:
            useful |= {"add_file", "add_found"}
        offered = super().get_actions_detail(request, object_id)
        return [one for one in offered if any(one.action_name.endswith(f"_{name}") for name in useful)]

    @action(description=_("New campaign"), url_path="new", permissions=["operate"], icon="add")
    def draft(self, request: HttpRequest) -> HttpResponse:
        if not self.has_operate_permission(request):
            raise PermissionDenied
        question = Question(
            title=gettext("Draft a campaign"),
            lines=[gettext("Nothing is sent: next come its audience and a rehearsal.")],
            submit=gettext("Draft it"),
            back=reverse("admin:outbound_campaign_changelist"),
            form_class=DraftForm,
        )
        return ask(request, question, act=lambda data: _draft(request, data))

    @action(description=_("Progress and results"), url_path="look", permissions=["view"], icon="monitoring")
    def look(self, request: HttpRequest, object_id: str) -> HttpResponse:
        campaign = Campaign.objects.get(pk=object_id)
        context = pages.results_context(campaign, results.results(campaign.pk), now=timezone.now())
        answer = self._page(request, "outbound/campaign_results.html", campaign, context)
        if campaign.state not in OVER:
            answer["Refresh"] = str(REFRESH_S)
        return answer

    @action(description=_("Rehearse"), url_path="rehearse", permissions=["view"], icon="theater_comedy")
    def rehearse(self, request: HttpRequest, object_id: str) -> HttpResponse:
        campaign = Campaign.objects.get(pk=object_id)
        found = rehearsal.rehearse(campaign_id=campaign.pk, now=timezone.now())
        return self._page(request, "outbound/campaign_rehearsal.html", campaign, pages.rehearsal_context(found))

    @action(description=_("Import a CSV"), url_path="import", permissions=["operate"], icon="upload_file")
    def add_file(self, request: HttpRequest, object_id: str) -> HttpResponse:
        question = _audience_question(
            object_id,
            gettext("Columns: telefone, nome, kind. Of the file nothing is kept but who is in the audience."),
            FileForm,
        )
        return ask(request, question, act=lambda data: _add_file(request, UUID(object_id), data))

    @action(description=_("Choose by filters"), url_path="filters", permissions=["operate"], icon="filter_alt")
    def add_found(self, request: HttpRequest, object_id: str) -> HttpResponse:
        words = gettext("Whoever fits all of them is added; nobody who has opted out.")
        question = _audience_question(object_id, words, FiltersForm)
        return ask(request, question, act=lambda data: _add_found(request, UUID(object_id), data))

    @action(description=_("Schedule"), url_path="schedule", permissions=["operate"], icon="schedule")
    def schedule(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _ask_to(request, object_id, Move.SCHEDULE, control.schedule)

    @action(description=_("Start now"), url_path="start", permissions=["operate"], icon="play_arrow")
    def start(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _ask_to(request, object_id, Move.START, control.start)

    @action(
        description=_("Pause"), url_path="pause", permissions=["operate"], icon="pause", variant=ActionVariant.WARNING
    )
    def pause(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _ask_to(request, object_id, Move.PAUSE, control.pause)

    @action(description=_("Resume"), url_path="resume", permissions=["operate"], icon="play_arrow")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _ask_to(request, object_id, Move.RESUME, control.resume)

    @action(
        description=_("Cancel"), url_path="cancel", permissions=["operate"], icon="cancel", variant=ActionVariant.DANGER
    )
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return _ask_to(request, object_id, Move.CANCEL, control.cancel)

    def _page(
        self, request: HttpRequest, template: str, campaign: Campaign, context: dict[str, Any]
    ) -> TemplateResponse:
        everywhere = self.admin_site.each_context(request)
        own = {"title": str(campaign), "campaign": campaign, "back": _url(campaign.pk)}
        return TemplateResponse(request, template, {**everywhere, **own, **context})


def _url(campaign_id: UUID | str) -> str:
    return reverse("admin:outbound_campaign_change", args=[campaign_id])


def _audience_question(object_id: str, words: str, form_class: type[ReasonForm]) -> Question:
    return Question(
        title=gettext("Who shall get {campaign}?").format(campaign=Campaign.objects.get(pk=object_id)),
        lines=[words],
        submit=gettext("Add them"),
        back=_url(object_id),
        form_class=form_class,
    )


def _ask_to(request: HttpRequest, object_id: str, move: Move, act: Callable[..., control.Report]) -> HttpResponse:
    campaign = Campaign.objects.get(pk=object_id)
    question = Question(
        title=f"{wording.MOVES[move]}: {campaign}",
        lines=[str(MEANINGS[move])],
        submit=str(wording.MOVES[move]),
        back=_url(object_id),
        is_dangerous=move is Move.CANCEL,
    )
    return ask(request, question, act=lambda data: _act(request, campaign.pk, data["reason"], act))


def _act(request: HttpRequest, campaign_id: UUID, reason: str, act: Callable[..., control.Report]) -> Answer:
    try:
        report = act(campaign_id=campaign_id, actor=actor_of(request.user), reason=reason, now=timezone.now())
    except NotReadyError as error:
        return Answer(text=" ".join(wording.of_finding(finding) for finding in error.findings), is_done=False)
    except ImpossibleMoveError as error:
        return Answer(text=wording.of_move(error), is_done=False)
    words = gettext("The campaign is {state}. Messages moved: {moved}. In flight: {in_flight}.")
    state = wording.STATES[report.state]
    return Answer(text=words.format(state=state, moved=report.moved, in_flight=report.in_flight))


def _draft(request: HttpRequest, data: dict[str, Any]) -> Answer:
    try:
        campaign = drafting.create(**data, actor=actor_of(request.user), now=timezone.now())
    except DraftError as error:
        return Answer(text=wording.of_draft(error), is_done=False)
    return Answer(text=gettext("Drafted: {campaign}.").format(campaign=campaign))


def _add_file(request: HttpRequest, campaign_id: UUID, data: dict[str, Any]) -> Answer:
    people = roster.read(roster.decode(data["file"].read()))
    return _added(
        lambda: audience.import_rows(
            campaign_id=campaign_id,
            people=people,
            actor=actor_of(request.user),
            reason=data["reason"],
            now=timezone.now(),
        )
    )


def _add_found(request: HttpRequest, campaign_id: UUID, data: dict[str, Any]) -> Answer:
    filters = Filters(
        kind=ContactKind(data["kind"]) if data["kind"] else None,
        area_codes=tuple(data["area_codes"].split()),
        quiet_days=data["quiet_days"],
        only_canary=data["only_canary"],
        most=data["most"],
    )
    return _added(
        lambda: audience.add_found(
            campaign_id=campaign_id,
            filters=filters,
            actor=actor_of(request.user),
            reason=data["reason"],
            now=timezone.now(),
        )
    )


def _added(add: Callable[[], Added]) -> Answer:
    try:
        added = add()
    except NotDraftError:
        return Answer(text=gettext("Only a draft's audience changes: draft a new campaign."), is_done=False)
    words = [gettext("{added} people added.").format(added=added.added)]
    words += [wording.of_row(row) for row in added.bad[:MOST_LINES]]
    if len(added.bad) > MOST_LINES:
        words.append(gettext("… and {count} more lines.").format(count=len(added.bad) - MOST_LINES))
    return Answer(text=" · ".join(words), is_done=not added.bad)
