from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class PhaseTransition(models.Model):
    """One change of the canary's percentage: who, why, and the evidence as it was then; the last is where we are."""

    from_pct = models.PositiveSmallIntegerField(_("from"))
    to_pct = models.PositiveSmallIntegerField(_("to"))
    at = models.DateTimeField(_("when"))
    actor = models.TextField(_("who"))
    reason = models.TextField(_("why"))
    evidence = models.JSONField(_("evidence"), default=dict)

    class Meta:
        db_table = "phase_transitions"
        verbose_name = _("phase transition")
        verbose_name_plural = _("phase transitions")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_pct__lte=100, to_pct__lte=100), name="phase_transitions_percentages"
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_pct} % → {self.to_pct} %"


class Drill(models.Model):
    """One exercise of the playbook on the running system; `passed` is null until it ended, for good if it was cut off.

    It counts for the phase whose percentage it ran in. One is open at a time, and whoever runs it renews `lease_until`:
    after that it was cut off. `evidence` holds `steps`, and, once a switch was turned, `turned`: how it was found, how
    it was set, when and by whom, so that anybody can put it back.
    """

    name = models.TextField(_("drill"))
    pct = models.PositiveSmallIntegerField(_("percentage"))
    started_at = models.DateTimeField(_("started at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    actor = models.TextField(_("who"))
    passed = models.BooleanField(_("passed"), null=True, blank=True)
    evidence = models.JSONField(_("evidence"), default=dict)
    lease_until = models.DateTimeField(_("held until"), db_default=Now(), editable=False)

    class Meta:
        db_table = "drills"
        verbose_name = _("drill")
        verbose_name_plural = _("drills")
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(passed=None) | Q(ended_at__gte=F("started_at")), name="drills_judged_when_ended"
            ),
            models.UniqueConstraint(
                fields=["ended_at"], condition=Q(ended_at=None), nulls_distinct=False, name="drills_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.started_at:%Y-%m-%d %H:%M}"
