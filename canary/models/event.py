from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BusinessEvent(models.Model):
    """One row of the append-only record; the table is partitioned by `ts` and made by a migration's SQL."""

    id = models.BigAutoField(primary_key=True)
    ts = models.DateTimeField(_("when"))
    event_type = models.TextField(_("event type"))
    source = models.TextField(_("source"))
    cliente_id = models.UUIDField(_("contact"), null=True)
    conversation_id = models.UUIDField(_("conversation"), null=True)
    event_props = models.JSONField(_("properties"), default=dict)

    class Meta:
        db_table = "business_events"
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.event_type} {self.ts:%Y-%m-%d %H:%M:%S}"
