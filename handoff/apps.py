from __future__ import annotations

from django.apps import AppConfig


class HandoffConfig(AppConfig):
    """Ponte externa: the bridge between doctor and divulgador."""

    name = "handoff"

    def ready(self) -> None:
        from handoff import erasing, listening, metrics  # noqa: PLC0415 - models are not loaded when this module is
        from outbound import erasure, inbound  # noqa: PLC0415 - the same

        inbound.on_message(listening.hear)
        erasure.on_erase(erasing.let_go)
        metrics.register_all()
