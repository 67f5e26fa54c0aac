from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from julia import probes

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", probes.alive),
    path("readyz", probes.ready),
    path("", include("outbound.urls")),
    path("", include("julia.slack.urls")),
    path("", include("handoff.urls")),
]
