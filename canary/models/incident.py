from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Severity(models.TextChoices):
    """How bad it is, by the document's escalation table; P0 and P1 stand in the way of growing."""

    P0 = "P0"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class Incident(models.Model):
    """Something that went wrong, until a person resolves it with a note; one is open for a kind and subject at a time.

    `subject` is what it is about where a kind may have several at once (a sender's instance, a drill's name).
    `last_seen_at` is when it was last found still wrong.
    """

    severity = models.TextField(_("severity"), choices=Severity.choices)
    kind = models.TextField(_("kind"))
    subject = models.TextField(_("subject"), blank=True, default="")
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.TextField(_("opened by"))
    last_seen_at = models.DateTimeField(_("last seen at"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.TextField(_("resolved by"), blank=True, default="")
    note = models.TextField(_("note"), blank=True, default="")

    class Meta:
        db_table = "incidents"
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(resolved_at=None), name="incidents_one_open"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None) | (Q(resolved_at__gte=F("opened_at")) & ~Q(resolved_by="") & ~Q(note="")),
                name="incidents_resolved_by_somebody_with_a_note",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.severity} {self.kind} {self.subject}".rstrip()


class IncidentEvent(models.Model):
    """One line of an incident's timeline: what happened, or what was done and by whom."""

    incident = models.ForeignKey(
        Incident, verbose_name=_("incident"), on_delete=models.CASCADE, related_name="timeline"
    )
    at = models.DateTimeField(_("when"))
    actor = models.TextField(_("who"))
    what = models.TextField(_("what"))
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        db_table = "incident_events"
        verbose_name = _("incident event")
        verbose_name_plural = _("incident events")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.what
