from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class SlackIdentity(models.Model):
    """Which of our users a Slack user is: who is not here may do nothing."""

    slack_user_id = models.TextField(_("Slack user"), unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("user"), on_delete=models.CASCADE, related_name="slack_identities"
    )
    bound_at = models.DateTimeField(_("bound at"))
    bound_by = models.TextField(_("bound by"))

    class Meta:
        db_table = "slack_identities"
        verbose_name = _("Slack user")
        verbose_name_plural = _("Slack users")

    def __str__(self) -> str:
        return self.slack_user_id


class SlackRequest(models.Model):
    """A request that had its effect: the primary key is what refuses it a second time."""

    key = models.TextField(primary_key=True)
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        db_table = "slack_requests"
        verbose_name = _("Slack request")
        verbose_name_plural = _("Slack requests")
        indexes = [models.Index(fields=["received_at"], name="slack_requests_received")]

    def __str__(self) -> str:
        return self.key


class SlackConfirmation(models.Model):
    """A critical command that waits for its asker's yes or no; decided once, and in time, or never."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    slack_user_id = models.TextField(_("Slack user"))
    actor = models.TextField(_("who"))
    command = models.JSONField(_("command"))
    asked_at = models.DateTimeField(_("asked at"))
    expires_at = models.DateTimeField(_("expires at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    is_confirmed = models.BooleanField(_("confirmed"), null=True, blank=True)

    class Meta:
        db_table = "slack_confirmations"
        verbose_name = _("Slack confirmation")
        verbose_name_plural = _("Slack confirmations")
        indexes = [models.Index(fields=["asked_at"], name="slack_confirmations_asked")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_at=None, is_confirmed=None)
                | Q(decided_at__lt=F("expires_at"), is_confirmed__isnull=False),
                name="slack_confirmations_decided_in_time",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
