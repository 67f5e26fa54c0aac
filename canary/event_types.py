"""The closed set of things that happen here, as `business_events.event_type` spells them."""

from __future__ import annotations

from enum import StrEnum


class EventType(StrEnum):
    OUTBOUND_SENT = "outbound_sent"
    OUTBOUND_BLOCKED = "outbound_blocked"
    OUTBOUND_DEFERRED = "outbound_deferred"
    OUTBOUND_BYPASS = "outbound_bypass"
    OUTBOUND_DEDUPED = "outbound_deduped"
    OUTBOUND_FALLBACK = "outbound_fallback"
    SENDER_RESUMED = "sender_resumed"
    DOCTOR_INBOUND = "doctor_inbound"
    CONTACT_OPTED_OUT = "contact_opted_out"
    CONTACT_OPTED_IN = "contact_opted_in"
    FLAG_CHANGED = "flag_changed"
    PHASE_CHANGED = "phase_changed"
    INCIDENT_OPENED = "incident_opened"
    INCIDENT_RESOLVED = "incident_resolved"
    DRILL_RUN = "drill_run"
    HANDOFF_CREATED = "handoff_created"
    HANDOFF_CONTACTED = "handoff_contacted"
    HANDOFF_CONFIRM_CLICKED = "handoff_confirm_clicked"
    HANDOFF_CONFIRMED = "handoff_confirmed"
    HANDOFF_NOT_CONFIRMED = "handoff_not_confirmed"
    HANDOFF_EXPIRED = "handoff_expired"
    HANDOFF_FOLLOWUP_SENT = "handoff_followup_sent"
    HANDOFF_MANUAL_REQUIRED = "handoff_manual_required"
    SLACK_REFUSED = "slack_refused"
    SLACK_ACCESS_CHANGED = "slack_access_changed"
    CONTACT_ERASED = "contact_erased"
    RETENTION_APPLIED = "retention_applied"
