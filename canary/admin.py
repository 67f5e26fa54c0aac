from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from canary.cells import as_text, moment
from canary.event_types import EventType
from canary.filters import day_of, exactly, one_of
from canary.flag_values import FlagKey
from canary.models import (
    BusinessEvent,
    Drill,
    FeatureFlag,
    FeatureFlagChange,
    HealthSnapshot,
    Incident,
    PhaseTransition,
    Severity,
)
from canary.read_only import ReadOnlyAdmin, Related

SEVERITY_COLOURS = {Severity.P0: "danger", Severity.P1: "danger", Severity.P2: "warning", Severity.P3: "info"}
HISTORY = 30


@admin.register(BusinessEvent)
class BusinessEventAdmin(ReadOnlyAdmin):
    list_display = ["when", "event_type", "source", "cliente_id", "told"]
    list_filter = [
        one_of("event_type", _("event type"), {str(type_): str(type_) for type_ in EventType}),
        day_of("ts"),
        exactly("cliente_id", _("contact")),
    ]
    # As they were recorded: the primary key finds the newest in every partition.
    ordering = ["-id"]

    @display(description=_("when"))
    def when(self, event: BusinessEvent) -> str:
        return moment(event.ts)

    @display(description=_("properties"))
    def told(self, event: BusinessEvent) -> str:
        return as_text(event.event_props)


@admin.register(FeatureFlag)
class FeatureFlagAdmin(ReadOnlyAdmin):
    list_display = ["key", "told", "updated_by", "updated_at"]
    fields = ["key", "told", "description", "updated_by", "updated_at"]
    readonly_fields = ["told"]
    ordering = ["key"]

    @display(description=_("value"))
    def told(self, flag: FeatureFlag) -> str:
        return as_text(flag.value)

    def related(self, obj: FeatureFlag) -> Sequence[Related]:
        changes = FeatureFlagChange.objects.filter(key=obj.key)[:HISTORY]
        return [
            Related(
                title=gettext("History"),
                headers=[gettext("when"), gettext("who"), gettext("from"), gettext("to"), gettext("why")],
                rows=[(moment(c.changed_at), c.actor, as_text(c.before), as_text(c.after), c.reason) for c in changes],
                more=f"{reverse('admin:canary_featureflagchange_changelist')}?key={obj.key}",
            )
        ]


@admin.register(FeatureFlagChange)
class FeatureFlagChangeAdmin(ReadOnlyAdmin):
    list_display = ["changed_at", "key", "was", "became", "actor", "reason"]
    list_filter = [one_of("key", _("switch"), {str(key): str(key) for key in FlagKey}), day_of("changed_at")]

    @display(description=_("from"))
    def was(self, change: FeatureFlagChange) -> str:
        return as_text(change.before)

    @display(description=_("to"))
    def became(self, change: FeatureFlagChange) -> str:
        return as_text(change.after)


@admin.register(PhaseTransition)
class PhaseTransitionAdmin(ReadOnlyAdmin):
    list_display = ["at", "from_pct", "to_pct", "actor", "reason"]


@admin.register(HealthSnapshot)
class HealthSnapshotAdmin(ReadOnlyAdmin):
    list_display = ["taken_at", "told"]
    list_filter = [day_of("taken_at")]

    @display(description=_("readings"))
    def told(self, snapshot: HealthSnapshot) -> str:
        return as_text({name: reading.get("shown") for name, reading in snapshot.readings.items()})


@admin.register(Drill)
class DrillAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "name", "pct", "actor", "judged", "ended_at"]
    list_filter = [one_of("passed", _("passed"), {"True": _("passed"), "False": _("failed")})]

    @display(description=_("outcome"), label={"passed": "success", "failed": "danger", "open": "info"})
    def judged(self, drill: Drill) -> tuple[str, str]:
        if drill.ended_at is None:
            return "open", gettext("running")
        if drill.passed is None:
            return "open", gettext("without a verdict")
        return ("passed", gettext("passed")) if drill.passed else ("failed", gettext("failed"))


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = ["opened_at", "grade", "kind", "subject", "state", "resolved_at", "resolved_by"]
    list_filter = [
        one_of("severity", _("severity"), {str(level): str(level) for level in Severity}),
        day_of("opened_at"),
    ]

    @display(description=_("severity"), label={str(level): colour for level, colour in SEVERITY_COLOURS.items()})
    def grade(self, incident: Incident) -> str:
        return incident.severity

    @display(description=_("state"), label={"open": "danger", "resolved": "success"})
    def state(self, incident: Incident) -> tuple[str, str]:
        return ("resolved", gettext("resolved")) if incident.resolved_at else ("open", gettext("open"))

    def related(self, obj: Incident) -> Sequence[Related]:
        return [
            Related(
                title=gettext("Timeline"),
                headers=[gettext("when"), gettext("who"), gettext("what"), gettext("details")],
                rows=[(moment(e.at), e.actor, e.what, as_text(e.details)) for e in obj.timeline.all()],
            )
        ]
