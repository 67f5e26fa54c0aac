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

handler400 = "julia.error_pages.bad_request"
handler403 = "julia.error_pages.forbidden"
handler404 = "julia.error_pages.not_found"
handler500 = "julia.error_pages.failed"
