from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from outbound.models.sender import Sender


class ProviderMessage(models.Model):
    """A message of ours as the provider's webhooks told of it: an independent witness of what really left.

    `statuses` are those it went through, and `LEFT`, each with the instant we were told, as ISO text in UTC.

    It may be told of before we know its id ourselves, and its status before itself, so it refers to nothing but its
    sender. The text is kept as a digest only.
    """

    sender = models.ForeignKey(Sender, verbose_name=_("sender"), on_delete=models.CASCADE, related_name="+")
    provider_message_id = models.TextField(_("provider's id"))
    cliente_id = models.UUIDField(_("contact"), null=True, blank=True)
    text_digest = models.UUIDField(null=True, blank=True, editable=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    status = models.TextField(_("status"), db_default="PENDING", default="PENDING")
    status_rank = models.SmallIntegerField(db_default=0, default=0, editable=False)
    statuses = models.JSONField(default=dict, db_default={}, editable=False)
    told_at = models.DateTimeField(_("told at"), db_default=Now())

    class Meta:
        db_table = "provider_messages"
        verbose_name = _("provider's message")
        verbose_name_plural = _("provider's messages")
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "provider_message_id"], name="provider_messages_one_per_provider_id"
            ),
        ]
        indexes = [
            models.Index(fields=["cliente_id", "text_digest", "sent_at"], name="provider_messages_by_content"),
            models.Index(fields=["sent_at"], name="provider_messages_by_time"),
        ]

    def __str__(self) -> str:
        return self.provider_message_id


class Heartbeat(models.Model):
    """When something that must keep running last did: `worker` beats with every sweep, which cron starts."""

    name = models.TextField(primary_key=True)
    beat_at = models.DateTimeField()

    class Meta:
        db_table = "heartbeats"

    def __str__(self) -> str:
        return self.name
