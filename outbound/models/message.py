from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Self
from uuid import UUID, uuid4

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from outbound.methods import ActorType, Channel, Method, Priority, Status
from outbound.models.campaign import Campaign
from outbound.models.contact import Contact
from outbound.models.sender import Sender


class OutboundMessageQuerySet(models.QuerySet["OutboundMessage"]):
    def claimable(self, now: datetime) -> Self:
        """What a worker would take now: due, through a sender that is connected, and neither stopped nor resting."""
        senders = Sender.objects.filter(stopped_reason="", connection="open").exclude(resume_at__gt=now)
        return self.filter(status=Status.QUEUED, due_at__lte=now, sender__in=senders)

    def recorded(self, provider_message_ids: Collection[str], *, sender_id: UUID) -> set[str]:
        """Which of a provider's records are one of our messages already, and so no evidence of another."""
        known = self.filter(sender_id=sender_id, provider_message_id__in=provider_message_ids)
        return {str(id_) for id_ in known.values_list("provider_message_id", flat=True)}


class OutboundMessage(models.Model):
    """One message on its one way out: `queued → sending → sent | failed | blocked | unknown`.

    - `due_at`: when it may be claimed; null while a switch or the canary holds it.
    - `reason`: why it last did not go out (a guardrail's reason code, or the provider's).
    - `claim_id`, `lease_until`: who is sending it, and until when; settling names the claim.
    - `attempted_at`: the latest instant at which its request may have started, null when surely nothing left. This is
      what limits count; while in flight it is the latest instant its claim allows.
    - `claimed_at`: when it was last let through; an opt-out before it should have stopped it, one after it could not.
    - `absent_since`: when the provider's list first lacked an `unknown` message; `reported_at`: when it was reported.
    - `has_inbound_proof`: judged when it was enqueued, as a reply that waits for long is expired, not without proof.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, db_default=RandomUUID())
    dedupe_key = models.UUIDField(editable=False)
    dedupe_until = models.DateTimeField(editable=False)
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        db_column="cliente_id",
        on_delete=models.CASCADE,
        db_index=False,
        related_name="+",
    )
    conversation_id = models.UUIDField(_("conversation"), null=True, blank=True)
    sender = models.ForeignKey(
        Sender, verbose_name=_("sender"), on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    method = models.TextField(_("method"), choices=[(method, method) for method in Method])
    channel = models.TextField(_("channel"), choices=[(channel, channel) for channel in Channel])
    actor_type = models.TextField(_("actor type"), choices=[(actor, actor) for actor in ActorType])
    actor_id = models.TextField(_("actor"), null=True, blank=True)  # noqa: DJ001 - null in events, too
    template_ref = models.TextField(_("template"), null=True, blank=True)  # noqa: DJ001 - the document's column
    text = models.TextField(_("text"))
    inbound_interaction_id = models.UUIDField(_("answers"), null=True, blank=True)
    has_inbound_proof = models.BooleanField(_("proved reply"), db_default=False, default=False)
    bypass_reason = models.TextField(_("bypass reason"), null=True, blank=True)  # noqa: DJ001 - null in events, too
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        db_index=False,
        related_name="+",
    )
    priority = models.SmallIntegerField(_("priority"), choices=[(level, level.name) for level in Priority])
    status = models.TextField(
        _("status"),
        choices=[(status, status) for status in Status],
        db_default=Status.QUEUED.value,
        default=Status.QUEUED,
    )
    reason = models.TextField(_("reason"), null=True, blank=True)  # noqa: DJ001 - nothing stopped it, as in events
    error = models.TextField(_("error"), null=True, blank=True)  # noqa: DJ001 - the document's column
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    claim_id = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    attempts = models.SmallIntegerField(_("attempts"), db_default=0, default=0)
    attempted_at = models.DateTimeField(_("attempted at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True, editable=False)
    absent_since = models.DateTimeField(_("absent since"), null=True, blank=True, editable=False)
    reported_at = models.DateTimeField(_("reported at"), null=True, blank=True, editable=False)
    provider_message_id = models.TextField(_("provider's id"), null=True, blank=True)  # noqa: DJ001 - unique once known

    objects = OutboundMessageQuerySet.as_manager()

    class Meta:
        db_table = "outbound_messages"
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(condition=Q(status__in=list(Status)), name="valid_status"),
            models.CheckConstraint(condition=Q(method__in=list(Method)), name="outbound_messages_method_is_known"),
            models.CheckConstraint(
                condition=~Q(status=Status.SENDING) | Q(claim_id__isnull=False, lease_until__isnull=False),
                name="outbound_messages_sending_is_claimed",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.SENT) | Q(sent_at__isnull=False), name="outbound_messages_sent_has_its_time"
            ),
            models.UniqueConstraint(
                fields=["sender", "provider_message_id"],
                condition=Q(provider_message_id__isnull=False),
                name="outbound_messages_one_per_provider_id",
            ),
            # A campaign writes to nobody twice, whoever feeds it and however often; and by it a campaign is found.
            models.UniqueConstraint(
                fields=["campaign", "contact"],
                condition=Q(campaign__isnull=False),
                name="outbound_messages_once_per_campaign",
            ),
            # Two live messages with one key never share a moment of their windows: the database says what is a
            # duplicate, whoever asks and however many at once.
            ExclusionConstraint(
                name="outbound_messages_refuse_live_duplicates",
                expressions=[
                    ("dedupe_key", RangeOperators.EQUAL),
                    (
                        Func(
                            F("created_at"), F("dedupe_until"), function="tstzrange", output_field=DateTimeRangeField()
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=~Q(status__in=[Status.FAILED, Status.BLOCKED]),
            ),
        ]
        indexes = [
            models.Index(
                fields=["sender", "priority", "due_at"], condition=Q(status=Status.QUEUED), name="outbound_messages_due"
            ),
            models.Index(fields=["attempted_at"], condition=Q(status=Status.UNKNOWN), name="outbound_messages_unknown"),
            models.Index(fields=["claim_id"], condition=Q(status=Status.SENDING), name="outbound_messages_claimed"),
            models.Index(
                fields=["sender", "attempted_at"],
                condition=Q(attempted_at__isnull=False),
                name="outbound_messages_by_sender",
            ),
            models.Index(
                fields=["contact", "attempted_at"],
                condition=Q(attempted_at__isnull=False),
                name="outbound_messages_by_contact",
            ),
            models.Index(fields=["contact"], condition=Q(status=Status.QUEUED), name="outbound_messages_waiting"),
            models.Index(
                fields=["reason"], condition=Q(status=Status.QUEUED, due_at__isnull=True), name="outbound_messages_held"
            ),
            models.Index(
                fields=["expires_at"],
                condition=Q(status=Status.QUEUED, expires_at__isnull=False),
                name="outbound_messages_expiring",
            ),
            # What people look for in the admin, newest first. Of the statuses only those that are final and rare need
            # one: what is queued, being sent or in doubt has its own, and most of the rest is sent.
            models.Index(fields=["created_at"], name="outbound_messages_newest"),
            models.Index(fields=["contact", "created_at"], name="outbound_messages_to_contact"),
            models.Index(fields=["method", "created_at"], name="outbound_messages_by_method"),
            models.Index(
                fields=["reason", "created_at"], condition=Q(reason__isnull=False), name="outbound_messages_by_reason"
            ),
            models.Index(
                fields=["status", "created_at"],
                condition=Q(status__in=[Status.BLOCKED, Status.FAILED]),
                name="outbound_messages_not_sent",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
