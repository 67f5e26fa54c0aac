from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.db.models.signals import post_migrate


class CanaryConfig(AppConfig):
    """The control plane: events, switches, health and the rollout."""

    name = "canary"

    def ready(self) -> None:
        from canary import foundations  # noqa: PLC0415 - models are not loaded when this module is

        foundations.register_all()
        post_migrate.connect(_create_what_must_exist, sender=self)


def _create_what_must_exist(*, apps: Apps = installed_apps, **_kwargs: Any) -> None:
    from django.utils import timezone  # noqa: PLC0415 - models are not loaded when this module is

    from canary import flags, partitions  # noqa: PLC0415 - the same

    # As of the migration that has just run, which may be an older one on the way back.
    if "businessevent" in apps.all_models["canary"]:
        partitions.ensure_ahead(today=timezone.now().date())  # noqa: TID251 - migrating is an entry point
    if "featureflagchange" in apps.all_models["canary"]:
        flags.ensure_defaults()
