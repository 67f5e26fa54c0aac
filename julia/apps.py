from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class JuliaConfig(AppConfig):
    """The project itself: settings, and the ways in for people."""

    name = "julia"

    def ready(self) -> None:
        from django.conf import settings  # noqa: PLC0415 - not read before there are any

        from julia import access, checks, logs  # noqa: F401, PLC0415 - checks registers them
        from julia.slack import alerts  # noqa: PLC0415 - models are not loaded when this module is

        logs.report_errors(dsn=settings.SENTRY_DSN, environment=settings.JULIA_ENV)
        alerts.listen()
        post_migrate.connect(access.ensure_groups, sender=self)
