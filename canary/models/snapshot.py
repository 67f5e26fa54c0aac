from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class HealthSnapshot(models.Model):
    """What every metric read for the minutes before `taken_at`; missing ones are a gap, and a gap is no evidence.

    `readings` holds, by the metric's name: `value` (a number, null where it is infinite), `is_ok` and `shown`.
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
