"""The project's own tables: what the consoles keep, and the permissions of those who use them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from julia.slack.models import SlackConfirmation, SlackIdentity, SlackRequest

__all__ = ["Console", "SlackConfirmation", "SlackIdentity", "SlackRequest"]


class Console(models.Model):
    """No table: what the permissions of `julia.access` hang on."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions = [
            ("see_julia", _("Can see how Julia stands")),
            ("operate_julia", _("Can stop, resume and operate Julia")),
            ("grow_julia", _("Can let Julia's audience grow")),
        ]

    def __str__(self) -> str:
        return "console"
