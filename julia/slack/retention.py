"""What the console keeps is kept no longer than it is good for: a confirmation may hold a phone."""

from __future__ import annotations

from datetime import datetime, timedelta

from julia.slack.models import SlackConfirmation, SlackRequest

# Either is refused for its age after minutes; what was done has its own history.
KEPT = timedelta(days=1)


def forget(*, now: datetime) -> int:
    """Delete requests and confirmations older than a day; answer how many."""
    old = now - KEPT
    requests, _by_model = SlackRequest.objects.filter(received_at__lt=old).delete()
    confirmations, _by_model = SlackConfirmation.objects.filter(asked_at__lt=old).delete()
    return requests + confirmations
