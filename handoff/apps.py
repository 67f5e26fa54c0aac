from __future__ import annotations

from django.apps import AppConfig


class HandoffConfig(AppConfig):
    """Ponte externa: the bridge between doctor and divulgador."""

    name = "handoff"
