from __future__ import annotations

from django.contrib import admin

from canary.read_only import ReadOnlyAdmin
from outbound.models import Contact, OutboundMessage, Sender


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    list_display = ["name", "kind", "phone", "bucket", "opted_out_at", "next_allowed_at"]
    list_filter = ["kind"]
    search_fields = ["phone__startswith", "name__istartswith"]
    ordering = ["-created_at"]


@admin.register(OutboundMessage)
class OutboundMessageAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "contact", "method", "status", "reason", "due_at", "sent_at", "sender"]
    list_filter = ["status", "method", "reason"]
    list_select_related = ["contact", "sender"]
    ordering = ["-created_at"]


@admin.register(Sender)
class SenderAdmin(ReadOnlyAdmin):
    list_display = ["instance", "stopped_reason", "circuit_failures", "circuit_trips", "resume_at"]
