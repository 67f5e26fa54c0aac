"""The admin site: its index page is the panel, which has its own pages beside it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from unfold.sites import UnfoldAdminSite


class PanelSite(UnfoldAdminSite):  # type: ignore[misc] # unfold has no types
    """Unfold's site with the panel in front."""

    def extra_urls(self) -> list[URLPattern]:
        from julia.panel import views  # noqa: PLC0415 - the site is made before models are loaded

        return [
            path("panel/now/", self.admin_view(views.now), name="panel_now"),
            path("panel/trend/", self.admin_view(views.trend), name="panel_trend"),
            path("panel/switch/<str:switch>/<str:position>/", self.admin_view(views.switch), name="panel_switch"),
            path("panel/canary/<str:direction>/", self.admin_view(views.canary), name="panel_canary"),
            path("panel/incident/<int:pk>/<str:what>/", self.admin_view(views.incident), name="panel_incident"),
        ]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        from julia.panel import views  # noqa: PLC0415 - as above

        request.current_app = self.name
        return views.index(request, {**self.each_context(request), **(extra_context or {})})
