from __future__ import annotations

from django.apps import AppConfig


class JuliaConfig(AppConfig):
    """The project itself: settings, and the ways in for people."""

    name = "julia"

    def ready(self) -> None:
        from julia import checks  # noqa: F401, PLC0415 - registers them
