from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from handoff.states import VagaStatus
from outbound.models import Contact


class Vaga(models.Model):
    """An open shift that a divulgador advertised: `aberta → reservada` while a bridge waits `→ fechada | aberta`."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    hospital = models.TextField(_("hospital"))
    date = models.DateField(_("date"))
    period = models.TextField(_("period"))
    value = models.DecimalField(_("value (R$)"), max_digits=10, decimal_places=2)
    divulgador = models.ForeignKey(
        Contact, verbose_name=_("divulgador"), on_delete=models.CASCADE, related_name="advertised"
    )
    status = models.TextField(_("status"), choices=[(status, status) for status in VagaStatus], default=VagaStatus.OPEN)
    created_at = models.DateTimeField(_("created at"), db_default=Now())

    class Meta:
        db_table = "vagas"
        verbose_name = _("vaga")
        verbose_name_plural = _("vagas")
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=list(VagaStatus)), name="vagas_status_is_known"),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="vagas_value_is_no_debt"),
        ]

    def __str__(self) -> str:
        return f"{self.hospital}, {self.date:%d/%m/%Y}, {self.period}"
