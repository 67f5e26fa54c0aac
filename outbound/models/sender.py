from __future__ import annotations

from uuid import uuid4

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from outbound.circuit import Circuit


class Sender(models.Model):
    """A WhatsApp number of ours, by the name its instance has at the provider; its row is the lock of its limits.

    `resume_at` keeps claims away until a full window frees or a circuit may be probed. `claim_id` is the latest claim.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, db_default=RandomUUID())
    instance = models.TextField(_("instance"), unique=True)
    connection = models.TextField(_("connection"), default="open", db_default="open")
    stopped_reason = models.TextField(_("why stopped"), blank=True, default="", db_default="")
    circuit_failures = models.IntegerField(_("failures in a row"), default=0, db_default=0)
    circuit_trips = models.IntegerField(_("openings in a row"), default=0, db_default=0)
    circuit_open_until = models.DateTimeField(_("circuit open until"), null=True, blank=True)
    resume_at = models.DateTimeField(_("resumes at"), null=True, blank=True)
    last_claimed_at = models.DateTimeField(_("last claimed at"), null=True, blank=True)
    claim_id = models.UUIDField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        db_table = "senders"
        verbose_name = _("sender")
        verbose_name_plural = _("senders")

    def __str__(self) -> str:
        return self.instance

    @property
    def circuit(self) -> Circuit:
        return Circuit(failures=self.circuit_failures, trips=self.circuit_trips, open_until=self.circuit_open_until)
