from __future__ import annotations

from uuid import uuid4

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from outbound.models.contact import Contact
from outbound.models.sender import Sender


class Conversation(models.Model):
    """What one contact and one of our numbers have to say to each other."""

    id = models.UUIDField(primary_key=True, default=uuid4, db_default=RandomUUID())
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        db_column="cliente_id",
        on_delete=models.CASCADE,
        related_name="conversations",
    )
    sender = models.ForeignKey(Sender, verbose_name=_("sender"), on_delete=models.PROTECT, related_name="conversations")
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        db_table = "conversations"
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(fields=["contact", "sender"], name="conversations_one_per_contact_and_sender"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Interaction(models.Model):
    """One inbound message: what a reply names as its proof, and must answer within 30 minutes."""

    id = models.UUIDField(primary_key=True, default=uuid4, db_default=RandomUUID())
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        db_column="cliente_id",
        on_delete=models.CASCADE,
        related_name="interactions",
    )
    conversation = models.ForeignKey(
        Conversation, verbose_name=_("conversation"), on_delete=models.CASCADE, related_name="interactions"
    )
    text = models.TextField(_("text"), blank=True, default="")
    received_at = models.DateTimeField(_("received at"))
    provider_message_id = models.TextField(_("provider's id"), null=True, blank=True)  # noqa: DJ001 - unique once known

    class Meta:
        db_table = "interactions"
        verbose_name = _("inbound message")
        verbose_name_plural = _("inbound messages")
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "provider_message_id"],
                condition=models.Q(provider_message_id__isnull=False),
                name="interactions_one_per_provider_id",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
