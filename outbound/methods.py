"""The closed sets of a message's life: how it came to be, through what, for whom, and where it stands."""

from __future__ import annotations

from datetime import timedelta
from enum import IntEnum, StrEnum


class Method(StrEnum):
    CAMPAIGN = "campaign"
    FOLLOWUP = "followup"
    REACTIVATION = "reactivation"
    REPLY = "reply"
    BUTTON = "button"
    COMMAND = "command"
    MANUAL = "manual"
    HANDOFF = "handoff"


class Channel(StrEnum):
    WHATSAPP = "whatsapp"
    SLACK = "slack"
    API = "api"
    JOB = "job"


class ActorType(StrEnum):
    HUMAN = "human"
    BOT = "bot"
    SYSTEM = "system"


class ContactKind(StrEnum):
    DOCTOR = "medico"
    DIVULGADOR = "divulgador"


class Status(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class CampaignState(StrEnum):
    """Where a campaign stands: `draft → scheduled → running → paused → done | cancelled`."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class Priority(IntEnum):
    """What goes first: nobody who wrote to us waits behind a campaign."""

    ANSWER = 0
    HANDOFF = 1
    PROACTIVE = 2


# WhatsApp's own limit for the text of a message, in characters.
LONGEST_TEXT = 4096

PROACTIVE = frozenset({Method.CAMPAIGN, Method.FOLLOWUP, Method.REACTIVATION})

# How long a repeat of the same content to the same contact counts as a duplicate (DESIGN.md, Outbox).
DEDUPE_WINDOWS = {
    Method.REPLY: timedelta(minutes=5),
    Method.BUTTON: timedelta(minutes=5),
    Method.COMMAND: timedelta(minutes=5),
    Method.MANUAL: timedelta(minutes=10),
    Method.REACTIVATION: timedelta(minutes=120),
}
DEFAULT_DEDUPE_WINDOW = timedelta(minutes=60)


def dedupe_window(method: Method) -> timedelta:
    """How long after a message the same one counts as its duplicate."""
    return DEDUPE_WINDOWS.get(method, DEFAULT_DEDUPE_WINDOW)


def priority(method: Method) -> Priority:
    """Which messages go first when several are due."""
    if method in PROACTIVE:
        return Priority.PROACTIVE
    return Priority.HANDOFF if method is Method.HANDOFF else Priority.ANSWER
