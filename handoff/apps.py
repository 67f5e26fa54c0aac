from __future__ import annotations

from django.apps import AppConfig


class HandoffConfig(AppConfig):
    """Ponte externa: the bridge between doctor and divulgador."""

    name = "handoff"

    def ready(self) -> None:
        from handoff import listening, metrics  # noqa: PLC0415 - models are not loaded when this module is
        from outbound import inbound  # noqa: PLC0415 - the same

        inbound.on_message(listening.hear)
        metrics.register_all()
