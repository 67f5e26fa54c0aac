from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from handoff.states import Decision
from outbound.models import Contact


class Question(models.Model):
    """What a divulgador was asked last: of which of these bridges he said so. His number picks from the list."""

    divulgador = models.OneToOneField(
        Contact, verbose_name=_("divulgador"), primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    decision = models.TextField(_("decision"), choices=[(decision, decision) for decision in Decision])
    handoff_ids = models.JSONField(_("bridges"))
    message_id = models.UUIDField(_("message"), null=True, blank=True)
    asked_at = models.DateTimeField(_("asked at"))

    class Meta:
        db_table = "external_handoff_questions"
        verbose_name = _("question")
        verbose_name_plural = _("questions")

    def __str__(self) -> str:
        return self.decision
