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
    CONTACT_OPTED_OUT = "contact_opted_out"
    CONTACT_OPTED_IN = "contact_opted_in"
    FLAG_CHANGED = "flag_changed"
    INCIDENT_OPENED = "incident_opened"
    DOCTOR_INBOUND = "doctor_inbound"
