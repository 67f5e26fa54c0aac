"""What the one way out measures: the go/no-go document's five core metrics, and whether the queue is being drained."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from canary.event_types import EventType
from canary.metrics import Metric, Reading, Window, none_allowed, register
from canary.models import BusinessEvent, Severity
from outbound import heartbeats
from outbound.evolution.outcomes import PROVIDER_ERROR, TIMEOUT
from outbound.guardrails.decision import Reason
from outbound.methods import Status
from outbound.models import OutboundMessage

_QUERIES = Path(__file__).parent / "queries"
SENT_TO_OPTED_OUT = (_QUERIES / "sent_to_opted_out.sql").read_text(encoding="utf-8")
WITNESSED_DUPLICATES = (_QUERIES / "witnessed_duplicates.sql").read_text(encoding="utf-8")
DUPLICATES = (_QUERIES / "duplicates.sql").read_text(encoding="utf-8")

HIGHEST_ERROR_RATE = 0.01
# A worker that was never started must be noticed within two minutes.
LONGEST_QUEUE_AGE = timedelta(minutes=2)
LONGEST_SILENCE = timedelta(minutes=2)


def fallback(window: Window) -> Reading:
    """Count what still came through the deprecated way in."""
    return none_allowed(_events(window, EventType.OUTBOUND_FALLBACK).count())


def invalid_reply(window: Window) -> Reading:
    """Count replies without proof of an inbound message."""
    blocked = _events(window, EventType.OUTBOUND_BLOCKED)
    return none_allowed(blocked.filter(event_props__block_reason=Reason.INVALID_REPLY).count())


def sent_to_opted_out(window: Window) -> Reading:
    """Count what left for somebody who had opted out, without a proved reply or a bypass."""
    return none_allowed(_count(SENT_TO_OPTED_OUT, window))


def provider_error_rate(window: Window) -> Reading:
    """Compute the share of attempted messages that failed at the provider; no attempt is no error."""
    failed = _events(window, EventType.OUTBOUND_BLOCKED).filter(event_props__block_reason__in=[PROVIDER_ERROR, TIMEOUT])
    errors, sent = failed.count(), _events(window, EventType.OUTBOUND_SENT).count()
    rate = errors / (errors + sent) if errors else 0.0
    return Reading(value=rate, is_ok=rate < HIGHEST_ERROR_RATE, shown=f"{rate:.2%} ({errors}/{errors + sent})")


def duplicates(window: Window) -> Reading:
    """Count messages that left twice: by our own rows, or by the provider's witness where it saw more of them."""
    return none_allowed(max(_count(DUPLICATES, window), _count(WITNESSED_DUPLICATES, window)))


def queue_age(window: Window) -> Reading:
    """Measure how long the oldest due message had been waiting at the window's end."""
    due = OutboundMessage.objects.claimable(window.until).order_by("due_at")
    oldest = due.values_list("due_at", flat=True).first()
    age = window.until - oldest if oldest else timedelta()
    return Reading(value=age.total_seconds(), is_ok=age < LONGEST_QUEUE_AGE, shown=f"{age.total_seconds():.0f} s")


def unknown_outcomes(window: Window) -> Reading:
    """Count sends of which nobody knows yet whether they left."""
    return none_allowed(OutboundMessage.objects.filter(status=Status.UNKNOWN, created_at__lt=window.until).count())


def worker_heartbeat(window: Window) -> Reading:
    """Measure how long no worker had done the periodic work at the window's end; never is too long."""
    beat_at = heartbeats.last(name=heartbeats.WORKER)
    if beat_at is None:
        return Reading(value=float("inf"), is_ok=False, shown=str(_("never")))
    age = max(window.until - beat_at, timedelta())
    return Reading(value=age.total_seconds(), is_ok=age < LONGEST_SILENCE, shown=f"{age.total_seconds():.0f} s")


def register_all() -> None:
    """Offer the metrics to the control plane, the document's five first."""
    fallback_action = _("Find the call site and move it to the outbox; do not scale.")
    start_both = _("Start a worker and cron, as in the Procfile.")
    for name, threshold, severity, action, read in (
        ("outbound_fallback", "= 0", Severity.P2, fallback_action, fallback),
        ("invalid_reply", "= 0", Severity.P1, _("Investigate the race condition."), invalid_reply),
        ("outbound_to_opted_out", "= 0", Severity.P0, _("Critical: roll back and pause Julia."), sent_to_opted_out),
        ("provider_error_rate", "< 1%", Severity.P1, _("Do not scale until it is stable."), provider_error_rate),
        ("duplicates", "= 0", Severity.P0, _("Do not scale; pause Julia if there are many."), duplicates),
        ("queue_age", "< 120 s", Severity.P1, _("Start a worker: manage.py rqworker periodic dispatch"), queue_age),
        ("worker_heartbeat", "< 120 s", Severity.P1, start_both, worker_heartbeat),
        ("unknown_outcomes", "= 0", Severity.P1, _("Ask the provider whether these left."), unknown_outcomes),
    ):
        register(Metric(name=name, threshold=threshold, severity=severity, action=action, read=read))


def _events(window: Window, type_: EventType) -> Any:
    return BusinessEvent.objects.filter(event_type=type_, ts__gte=window.since, ts__lt=window.until)


def _count(query: str, window: Window) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, {"since": window.since, "until": window.until})
        count: int = cursor.fetchone()[0]
    return count
