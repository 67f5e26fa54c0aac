from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate


class OutboundConfig(AppConfig):
    """The one way out."""

    name = "outbound"

    def ready(self) -> None:
        from canary import flags  # noqa: PLC0415 - models are not loaded when this module is
        from outbound import (  # noqa: PLC0415 - the same
            drills,
            erasure,
            expiry,
            holds,
            metrics,
            prerequisites,
            violations,
        )
        from outbound.campaigns import erasing  # noqa: PLC0415 - the same

        flags.on_change(holds.release_for)
        metrics.register_all()
        violations.register_all()
        prerequisites.register_all()
        drills.register_all()
        expiry.register_all()
        erasure.on_erase(erasing.let_go)
        post_migrate.connect(register_configured_sender, sender=self)


def register_configured_sender(*, apps: Apps = installed_apps, **_kwargs: Any) -> None:
    """Make the configured instance a sender, unless it is one."""
    if "sender" not in apps.all_models["outbound"]:
        return  # migrated back to before there were senders
    from django.conf import settings  # noqa: PLC0415 - as above

    if settings.EVOLUTION_INSTANCE:
        # The model as of the migration that has just run, which may be an older one on the way back.
        apps.get_model("outbound", "Sender").objects.get_or_create(instance=settings.EVOLUTION_INSTANCE)
