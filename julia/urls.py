from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from julia import probes
from julia.prometheus import views as prometheus

# Here, and not when Django starts: a worker, which starts more often, has no screens.
admin.autodiscover()

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", probes.alive),
    path("readyz", probes.ready),
    path("metrics", prometheus.metrics),
    path("", include("outbound.urls")),
    path("", include("julia.slack.urls")),
    path("", include("handoff.urls")),
]
