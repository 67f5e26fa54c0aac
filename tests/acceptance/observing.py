"""What can be seen of a run from outside: rows by status, what the provider delivered, whether anything still moves."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from outbound.evolution.sandbox import RunningSandbox
from outbound.methods import Status
from outbound.models import OutboundMessage


def by_status() -> Counter[str]:
    """How many messages stand in each status."""
    return Counter(OutboundMessage.objects.values_list("status", flat=True))


def by_reason(status: Status) -> Counter[str | None]:
    """How many messages of a status there are for each reason."""
    return Counter(OutboundMessage.objects.filter(status=status).values_list("reason", flat=True))


def delivered_texts(sandbox: RunningSandbox) -> Counter[str]:
    """How often each text reached a phone."""
    return Counter(message.text for message in sandbox.delivered())


def is_quiet() -> bool:
    """Whether nothing is on its way and nothing could be claimed: no worker can send anything until time passes."""
    # One statement: between two, a message may move from the one to the other.
    under_way = OutboundMessage.objects.filter(status=Status.SENDING)
    return not (under_way | OutboundMessage.objects.claimable(datetime.now(UTC))).exists()


def logs(folder: Path) -> str:
    """Everything the processes of a test wrote."""
    return "".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.log")))
