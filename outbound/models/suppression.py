from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Suppression(models.Model):
    """A phone whose person was erased: we know it again when somebody brings it back, and cannot tell it from this.

    `digest` is keyed (`outbound.suppression`), as all phones there are could be tried otherwise; `key_id` says with
    which key.
    """

    digest = models.TextField(primary_key=True)
    key_id = models.TextField(_("key"))
    since = models.DateTimeField(_("since"), db_default=Now())

    class Meta:
        db_table = "suppressions"
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")

    def __str__(self) -> str:
        return self.digest[:8]
