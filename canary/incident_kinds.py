"""The closed sets of an incident's life: its kinds (a violated metric's is its own name) and what happens to it."""

from __future__ import annotations

from enum import StrEnum


class IncidentKind(StrEnum):
    OPTED_OUT_LEAK = "outbound_to_opted_out"
    DUPLICATES = "duplicates"
    CIRCUIT_OPEN = "circuit_open"
    PROVIDER_ERRORS = "provider_error_rate"
    INVALID_REPLY = "invalid_reply"
    QUEUE_AGE = "queue_age"
    WORKER_HEARTBEAT = "worker_heartbeat"
    UNKNOWN_OUTCOME = "unknown_outcome"
    SENDER_STOPPED = "sender_stopped"
    FALLBACK = "outbound_fallback"
    DRILL_FAILED = "drill_failed"
    DRILL_CUT_OFF = "drill_cut_off"


class Happening(StrEnum):
    """What a line of an incident's timeline says; the last three are what the system did about it by itself."""

    OPENED = "opened"
    GREW = "grew"
    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    NOTED = "noted"
    RESOLVED = "resolved"
    JULIA_PAUSED = "julia_paused"
    ROLLED_BACK = "rolled_back"
    PROMOTION_HELD = "promotion_held"


DONE_BY_ITSELF = (Happening.JULIA_PAUSED, Happening.ROLLED_BACK, Happening.PROMOTION_HELD)
