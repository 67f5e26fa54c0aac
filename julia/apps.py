from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JuliaConfig(AppConfig):
    """The project itself: settings, and the ways in for people."""

    name = "julia"

    def ready(self) -> None:
        from julia import access, checks  # noqa: F401, PLC0415 - registers them

        post_migrate.connect(access.ensure_groups, sender=self)
