from __future__ import annotations

from django.apps import AppConfig


class JuliaConfig(AppConfig):
    """The project itself: settings, and the ways in for people."""

    name = "julia"

    def ready(self) -> None:
        from canary import daily_summary  # noqa: PLC0415 - models are not loaded when this module is
        from julia import checks  # noqa: F401, PLC0415 - registers them
        from julia.slack import client  # noqa: PLC0415 - as above

        daily_summary.on_summary(client.post_summary)
