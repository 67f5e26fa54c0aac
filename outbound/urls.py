from __future__ import annotations

from django.urls import path

from outbound import views

urlpatterns = [path("webhooks/evolution/", views.evolution_webhook, name="evolution_webhook")]
