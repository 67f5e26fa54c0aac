"""What the one way out measures: the go/no-go document's five core metrics, and whether the queue is being drained.

What counts messages or events is read from them and so is the same for a window however long ago it was. What tells of
a state (the queue, its workers, what is in doubt) is gone with the moment: of the past the snapshots remember it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from canary.event_types import EventType
from canary.metrics import Metric, Reading, Unit, Window, none_allowed, register, share
from canary.models import BusinessEvent, Severity
from canary.snapshots import remembered
from outbound import due, heartbeats, violations
from outbound.evolution.outcomes import PROVIDER_ERROR, TIMEOUT
from outbound.guardrails.decision import Reason
from outbound.methods import Status
from outbound.models import OutboundMessage

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
    """Count what left for somebody while he was opted out, without a proved reply or a bypass."""
    return none_allowed(violations.count(violations.SENT_TO_OPTED_OUT, window))


def provider_error_rate(window: Window) -> Reading:
    """Compute the share of attempted messages that failed at the provider; no attempt is no error."""
    failed = _events(window, EventType.OUTBOUND_BLOCKED).filter(event_props__block_reason__in=[PROVIDER_ERROR, TIMEOUT])
    errors, sent = failed.count(), _events(window, EventType.OUTBOUND_SENT).count()
    return share(part=errors, whole=errors + sent, is_ok=errors < HIGHEST_ERROR_RATE * (errors + sent) or not errors)


def duplicates(window: Window) -> Reading:
    """Count messages that left twice: by our own rows, or by the provider's witness where it saw more of them."""
    ours = violations.count(violations.DUPLICATES, window)
    return none_allowed(max(ours, violations.count(violations.WITNESSED_DUPLICATES, window)))


def bypass_without_reason(window: Window) -> Reading:
    """Compute the share of the bypassed rules for which nobody gave a reason."""
    unexplained = Q(event_props__bypass_reason__isnull=True) | Q(event_props__bypass_reason__regex=r"^\s*$")
    bypasses = _events(window, EventType.OUTBOUND_BYPASS)
    counts = bypasses.aggregate(part=Count("pk", filter=unexplained), whole=Count("pk"))
    return share(**counts, is_ok=not counts["part"])


def queue_age(window: Window) -> Reading:
    """Measure how long the oldest due message had been waiting at the window's end."""
    oldest = due.oldest(now=window.until)
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


def circuit_open(window: Window) -> Reading:
    """Count the senders whose circuit opened; each failed probe is an opening, too."""
    openings = _events(window, EventType.OUTBOUND_BLOCKED).filter(
        event_props__block_reason=Reason.CIRCUIT_OPEN, event_props__has_key="openings_in_a_row"
    )
    return none_allowed(openings.values("event_props__sender_id").distinct().count())


METRICS = (
    Metric(
        name="outbound_fallback",
        title=_("Deprecated way in used"),
        threshold="= 0",
        severity=Severity.P2,
        action=_("Find the call site and move it to the outbox; do not scale."),
        read=fallback,
    ),
    Metric(
        name="invalid_reply",
        title=_("Replies without proof"),
        threshold="= 0",
        severity=Severity.P1,
        action=_("Investigate the race condition."),
        read=invalid_reply,
    ),
    Metric(
        name="outbound_to_opted_out",
        title=_("Sent to who had opted out"),
        threshold="= 0",
        severity=Severity.P0,
        action=_("Critical: roll back and pause Julia."),
        read=sent_to_opted_out,
    ),
    Metric(
        name="provider_error_rate",
        title=_("Provider errors"),
        threshold="< 1%",
        severity=Severity.P1,
        action=_("Do not scale until it is stable."),
        read=provider_error_rate,
        unit=Unit.SHARE,
        limit=HIGHEST_ERROR_RATE,
    ),
    Metric(
        name="duplicates",
        title=_("Duplicates"),
        threshold="= 0",
        severity=Severity.P0,
        action=_("Do not scale; pause Julia if there are many."),
        read=duplicates,
    ),
    Metric(
        name="circuit_open",
        title=_("Circuits opened"),
        threshold="= 0",
        severity=Severity.P1,
        action=_("Check the Evolution API; do not scale."),
        read=circuit_open,
    ),
    Metric(
        name="bypass_without_reason",
        title=_("Bypasses without a reason"),
        threshold="= 0",
        severity=Severity.P2,
        action=_("Ask who bypassed the rule for the reason; no rule is bypassed without one."),
        read=bypass_without_reason,
        unit=Unit.SHARE,
    ),
    Metric(
        name="queue_age",
        title=_("Age of the queue"),
        threshold="< 120 s",
        severity=Severity.P1,
        action=_("Start a worker: manage.py rqworker periodic dispatch"),
        read=remembered("queue_age", queue_age),
        unit=Unit.SECONDS,
        limit=LONGEST_QUEUE_AGE.total_seconds(),
    ),
    Metric(
        name="worker_heartbeat",
        title=_("Silence of the workers"),
        threshold="< 120 s",
        severity=Severity.P1,
        action=_("Start a worker and cron, as in the Procfile."),
        read=remembered("worker_heartbeat", worker_heartbeat),
        unit=Unit.SECONDS,
        limit=LONGEST_SILENCE.total_seconds(),
    ),
    Metric(
        name="unknown_outcomes",
        title=_("Outcomes unknown"),
        threshold="= 0",
        severity=Severity.P1,
        action=_("Ask the provider whether these left."),
        read=remembered("unknown_outcomes", unknown_outcomes),
    ),
)


def register_all() -> None:
    """Offer the metrics to the control plane, the document's five first."""
    for metric in METRICS:
        register(metric)


def _events(window: Window, type_: EventType) -> Any:
    return BusinessEvent.objects.filter(event_type=type_, ts__gte=window.since, ts__lt=window.until)
