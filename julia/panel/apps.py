from __future__ import annotations

from django.contrib.admin.apps import SimpleAdminConfig


class PanelConfig(SimpleAdminConfig):
    """Django's admin, with the panel as its index page; its screens are loaded with the URLs, for who serves them."""

    default_site = "julia.panel.site.PanelSite"
