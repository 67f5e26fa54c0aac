from __future__ import annotations

from django.apps import AppConfig


class JuliaConfig(AppConfig):
    """The project itself: settings, and the ways in for people."""

    name = "julia"

    def ready(self) -> None:
        from django.conf import settings  # noqa: PLC0415 - not read before there are any

        from julia import checks, logs  # noqa: F401, PLC0415 - the first registers itself

        logs.report_errors(dsn=settings.SENTRY_DSN, environment=settings.JULIA_ENV)
