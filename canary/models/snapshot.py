from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class HealthSnapshot(models.Model):
    """What every metric read for the minutes before `taken_at`; missing ones are a gap, and a gap is no evidence.

    `readings` holds, by the metric's name: `value` (a number, null where it is infinite), `is_ok`, `shown`, and of a
    share its `part` and `whole` (null of anything else).
    """

    taken_at = models.DateTimeField(_("taken at"), unique=True)
    since = models.DateTimeField(_("since"))
    readings = models.JSONField(_("readings"))

    class Meta:
        db_table = "health_snapshots"
        verbose_name = _("health snapshot")
        verbose_name_plural = _("health snapshots")
        ordering = ["-taken_at"]

    def __str__(self) -> str:
        return f"{self.taken_at:%Y-%m-%d %H:%M}"


class DailySummary(models.Model):
    """A day, of São Paulo, whose summary people were told of; its row is what keeps it from being told twice."""

    day = models.DateField(_("day"), primary_key=True)
    told_at = models.DateTimeField(_("told at"))

    class Meta:
        db_table = "daily_summaries"
        verbose_name = _("daily summary")
        verbose_name_plural = _("daily summaries")
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
