"""The way to every screen: the sidebar, grouped by what people come for, with what each may see."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _

# (title, [(model, symbol)]); a package that registers more models is found by its own name.
QUEUES = "django_rq.dashboard"
GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "operation",
        (
            ("outbound.campaign", "campaign"),
            ("outbound.contact", "person"),
            ("outbound.outboundmessage", "chat"),
            ("outbound.sender", "smartphone"),
        ),
    ),
    (
        "control",
        (
            ("canary.incident", "warning"),
            ("canary.featureflag", "toggle_on"),
            ("canary.phasetransition", "trending_up"),
        ),
    ),
    ("evidence", (("canary.drill", "exercise"), ("canary.healthsnapshot", "monitor_heart"))),
    ("record", (("canary.businessevent", "list_alt"), ("canary.featureflagchange", "history"))),
    (
        "system",
        (
            ("django_rq.dashboard", "stacks"),
            ("auth.user", "badge"),
            ("auth.group", "group"),
            ("axes.accessattempt", "lock"),
        ),
    ),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """List the screens that this user may see."""
    titles = {
        "operation": _("Operation"),
        "control": _("Control"),
        "evidence": _("Evidence"),
        "record": _("Record"),
        "system": _("System"),
    }
    panel = {"title": _("Panel"), "icon": "space_dashboard", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"title": "", "items": [panel]}]
    for key, models in GROUPS:
        items = [item for label, icon in models if (item := _item(request, label, icon))]
        groups.append({"title": titles[key], "items": items, "separator": True})
        if key == "operation":
            groups.append({"title": _("Ponte externa"), "items": _of_package(request, "handoff"), "separator": True})
    return groups


def stylesheet(_request: HttpRequest) -> str:
    """Where our own styles lie."""
    return static("julia/panel.css")


def icon(_request: HttpRequest) -> str:
    """Where the icon of the browser's tab lies."""
    return static("julia/icon.svg")


def environment(_request: HttpRequest) -> list[str]:
    """Say which of our worlds this is: nobody takes the one for the other."""
    return [_("Production"), "danger"] if settings.IN_PRODUCTION else [_("Development"), "info"]


def _item(request: HttpRequest, label: str, icon: str) -> dict[str, Any] | None:
    for model, model_admin in admin.site._registry.items():  # noqa: SLF001 - there is no public name
        if model._meta.label_lower == label and model_admin.has_module_permission(request):  # noqa: SLF001 - the same
            name = f"admin:{label.replace('.', '_')}_changelist"
            title = _("RQ queues") if label == QUEUES else str(model._meta.verbose_name_plural).capitalize()  # noqa: SLF001
            return {"title": title, "icon": icon, "link": reverse(name)}
    return None


def _of_package(request: HttpRequest, package: str) -> list[dict[str, Any]]:
    labels = [model._meta.label_lower for model in admin.site._registry if model._meta.app_label == package]  # noqa: SLF001
    return [item for label in labels if (item := _item(request, label, "handshake"))]
