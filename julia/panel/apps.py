from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class PanelConfig(AdminConfig):
    """Django's admin, with the panel as its index page."""

    default_site = "julia.panel.site.PanelSite"
