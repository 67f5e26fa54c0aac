from __future__ import annotations

from django.urls import path

from handoff import views

urlpatterns = [path("handoff/confirm", views.confirm, name="handoff_confirm")]
