from __future__ import annotations

from django.urls import path

from julia.slack import views

urlpatterns = [
    path("slack/commands", views.slash_command, name="slack_commands"),
    path("slack/interactions", views.interaction, name="slack_interactions"),
]
