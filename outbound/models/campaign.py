from __future__ import annotations

from uuid import uuid4

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from outbound.methods import CampaignState
from outbound.models.contact import Contact


class Campaign(models.Model):
    """One text to many people inside a window `[starts_at, ends_at)`; `owner` is who drafted it.

    - `variables`: what the text's own variables stand for, the same for everybody; a person's name is not kept here.
    - `content_key`: what makes two campaigns the same one: their text and variables.
    - `per_minute`: how many messages are enqueued in a minute; null is as fast as the limits allow.
    - `paced_at`: the instant up to which the pace has been used.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, db_default=RandomUUID())
    name = models.TextField(_("name"))
    text = models.TextField(_("text"))
    variables = models.JSONField(_("variables"), default=dict)
    content_key = models.UUIDField(editable=False)
    state = models.TextField(
        _("state"),
        choices=[(state, state) for state in CampaignState],
        default=CampaignState.DRAFT,
        db_default=CampaignState.DRAFT.value,
    )
    owner = models.TextField(_("owner"))
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))
    per_minute = models.PositiveIntegerField(_("messages per minute"), null=True, blank=True)
    paced_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        db_table = "campaigns"
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(CampaignState)), name="campaigns_state_is_known"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="campaigns_end_after_they_start"),
            models.CheckConstraint(
                condition=Q(per_minute__isnull=True) | Q(per_minute__gt=0), name="campaigns_pace_is_positive"
            ),
            # So that a name in a terminal means one campaign.
            models.UniqueConstraint(
                fields=["name"], condition=~Q(state=CampaignState.CANCELLED), name="campaigns_one_per_name"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="campaigns_newest"),
            models.Index(fields=["content_key"], name="campaigns_by_content"),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignRecipient(models.Model):
    """Somebody in an audience, by id only; `fed_at` is when a message was enqueued, `left_out` why none was."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, db_index=False, related_name="recipients")
    contact = models.ForeignKey(Contact, db_column="cliente_id", on_delete=models.CASCADE, related_name="+")
    fed_at = models.DateTimeField(_("fed at"), null=True, blank=True)
    left_out = models.TextField(_("left out"), blank=True, default="", db_default="")

    class Meta:
        db_table = "campaign_recipients"
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "contact"], name="campaign_recipients_once_each"),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "id"],
                condition=Q(fed_at__isnull=True, left_out=""),
                name="campaign_recipients_to_feed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.contact_id)
