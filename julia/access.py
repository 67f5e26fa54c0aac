"""Who may do what, for every way in that people have: three groups, each of which may all that those before it may.

`viewer` sees how Julia stands; `operator` stops, resumes, writes, opts out and shrinks; `admin` lets her grow, too.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps

if TYPE_CHECKING:
    from django.contrib.auth.models import PermissionsMixin


class Level(StrEnum):
    """The groups by name, least first."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def permission(self) -> str:
        """The permission that makes the difference to the level below."""
        return {Level.VIEWER: "see_julia", Level.OPERATOR: "operate_julia", Level.ADMIN: "grow_julia"}[self]

    @property
    def included(self) -> list[Level]:
        """Itself and the levels below it."""
        return list(Level)[: list(Level).index(self) + 1]


def level_of(user: PermissionsMixin) -> Level | None:
    """Answer the highest level whose permission an active user has; None when he has none."""
    held = [level for level in Level if user.has_perm(f"julia.{level.permission}")]
    return held[-1] if held else None


def ensure_groups(*, apps: Apps = installed_apps, **_kwargs: Any) -> None:
    """Create the groups that are missing and give each what it may; nothing is ever taken from a group."""
    if "console" not in apps.all_models["julia"]:
        return  # migrated back to before there were permissions
    from django.contrib.auth.models import Group, Permission  # noqa: PLC0415 - models are not loaded when this module is

    for level in Level:
        group, _created = Group.objects.get_or_create(name=level)
        codenames = [included.permission for included in level.included]
        group.permissions.add(*Permission.objects.filter(content_type__app_label="julia", codename__in=codenames))
