from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handoff.models.vaga import Vaga
from handoff.states import ACTIVE, UNDECIDED, HandoffStatus, Via
from handoff.steps import Step
from outbound.models import Contact, OutboundMessage


class ExternalHandoffQuerySet(models.QuerySet["ExternalHandoff"]):
    def active(self) -> Self:
        """What waits for the divulgador."""
        return self.filter(status__in=ACTIVE)

    def undecided(self) -> Self:
        """What waits for a decision, the divulgador's or a person's."""
        return self.filter(status__in=UNDECIDED)

    def waiting(self, *, older_than: timedelta, now: datetime) -> Self:
        """What waits for a decision at least so long, the oldest first."""
        return self.undecided().filter(created_at__lte=now - older_than).order_by("created_at", "pk")

    def overdue(self, now: datetime) -> Self:
        """What the clock should have ended."""
        return self.undecided().filter(expires_at__lte=now)


class ExternalHandoff(models.Model):
    """One bridge between a doctor and a divulgador over a vaga (ponte externa).

    - `starts_at`: when its clock started: its creation, or the next opening where it was created outside hours.
    - `contacted_at`: when the request to the divulgador left, by the outbox's word.
    - `ended_at`, `ended_via`, `ended_by`: when, how and by whom it was confirmed, denied or expired.
    - `note`: why a person is needed, or why an operator did what he did.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    vaga = models.ForeignKey(Vaga, verbose_name=_("vaga"), on_delete=models.CASCADE, related_name="handoffs")
    doctor = models.ForeignKey(
        Contact, verbose_name=_("doctor"), db_column="cliente_id", on_delete=models.CASCADE, related_name="+"
    )
    divulgador = models.ForeignKey(Contact, verbose_name=_("divulgador"), on_delete=models.CASCADE, related_name="+")
    status = models.TextField(
        _("status"), choices=[(status, status) for status in HandoffStatus], default=HandoffStatus.PENDING
    )
    created_at = models.DateTimeField(_("created at"))
    starts_at = models.DateTimeField(_("clock started at"))
    expires_at = models.DateTimeField(_("expires at"))
    contacted_at = models.DateTimeField(_("contacted at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_via = models.TextField(_("ended via"), blank=True, default="", choices=[(via, via) for via in Via])
    ended_by = models.TextField(_("ended by"), blank=True, default="")
    note = models.TextField(_("note"), blank=True, default="")

    objects = ExternalHandoffQuerySet.as_manager()

    class Meta:
        db_table = "external_handoffs"
        verbose_name = _("bridge")
        verbose_name_plural = _("bridges")
        constraints = [
            models.UniqueConstraint(
                fields=["vaga"], condition=Q(status__in=sorted(ACTIVE)), name="external_handoffs_one_active_per_vaga"
            ),
            models.CheckConstraint(
                condition=Q(status__in=list(HandoffStatus)), name="external_handoffs_status_is_known"
            ),
            models.CheckConstraint(condition=~Q(doctor=F("divulgador")), name="external_handoffs_join_two_people"),
            # Who has ended has an end, and who has not has none.
            models.CheckConstraint(
                condition=Q(status__in=sorted(UNDECIDED), ended_at=None)
                | (~Q(status__in=sorted(UNDECIDED)) & Q(ended_at__isnull=False) & ~Q(ended_via="")),
                name="external_handoffs_end_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(status__in=sorted(UNDECIDED)), name="external_handoffs_undecided"
            ),
            models.Index(fields=["divulgador", "ended_at"], name="external_handoffs_by_recruiter"),
            models.Index(fields=["created_at"], name="external_handoffs_by_day"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class HandoffMessage(models.Model):
    """A step of a bridge and the message that takes it: there is one for each step, whoever asks and however often.

    `left_at` is when it left, once that has been seen and recorded.
    """

    handoff = models.ForeignKey(
        ExternalHandoff, verbose_name=_("bridge"), on_delete=models.CASCADE, related_name="messages"
    )
    step = models.TextField(_("step"), choices=[(step, step) for step in Step])
    message = models.ForeignKey(OutboundMessage, verbose_name=_("message"), on_delete=models.CASCADE, related_name="+")
    left_at = models.DateTimeField(_("left at"), null=True, blank=True)

    class Meta:
        db_table = "external_handoff_messages"
        verbose_name = _("bridge message")
        verbose_name_plural = _("bridge messages")
        constraints = [
            models.UniqueConstraint(fields=["handoff", "step"], name="external_handoff_messages_once_each"),
        ]

    def __str__(self) -> str:
        return self.step
