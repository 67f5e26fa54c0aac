from __future__ import annotations

from django.contrib import admin

from canary.models import BusinessEvent, FeatureFlag, FeatureFlagChange
from canary.read_only import ReadOnlyAdmin


@admin.register(BusinessEvent)
class BusinessEventAdmin(ReadOnlyAdmin):
    list_display = ["ts", "event_type", "source", "cliente_id", "event_props"]
    list_filter = ["event_type"]
    ordering = ["-ts"]


@admin.register(FeatureFlag)
class FeatureFlagAdmin(ReadOnlyAdmin):
    list_display = ["key", "value", "updated_by", "updated_at"]


@admin.register(FeatureFlagChange)
class FeatureFlagChangeAdmin(ReadOnlyAdmin):
    list_display = ["changed_at", "key", "before", "after", "actor", "reason"]
    list_filter = ["key"]
