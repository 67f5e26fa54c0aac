from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from canary.flag_values import FlagKey


class FeatureFlag(models.Model):
    """A switch; `value` is read through `canary.flag_values.Flags`: what it cannot read is the safe side."""

    key = models.TextField(_("key"), primary_key=True, choices=[(key, key) for key in FlagKey])
    value = models.JSONField(_("value"))
    description = models.TextField(_("description"), blank=True, default="")
    updated_by = models.TextField(_("updated by"))
    updated_at = models.DateTimeField(_("updated at"), db_default=Now())

    class Meta:
        db_table = "feature_flags"
        verbose_name = _("switch")
        verbose_name_plural = _("switches")

    def __str__(self) -> str:
        return self.key


class FeatureFlagChange(models.Model):
    """Who changed a switch, from what to what, when and why; append-only."""

    key = models.TextField(_("key"))
    before = models.JSONField(_("from"))
    after = models.JSONField(_("to"))
    actor = models.TextField(_("who"))
    reason = models.TextField(_("why"))
    changed_at = models.DateTimeField(_("when"))

    class Meta:
        db_table = "feature_flag_changes"
        verbose_name = _("switch change")
        verbose_name_plural = _("switch changes")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.key}: {self.before} → {self.after}"
