"""What is under way at this moment: the queue, its workers, and our numbers with their circuits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.db import connection
from prometheus_client.core import GaugeMetricFamily, Metric

from canary.one_moment import one_moment
from julia.prometheus.counted import OTHER
from outbound import due, heartbeats
from outbound import senders as numbers
from outbound.models import Sender
from outbound.words import REASONS

QUEUE = (Path(__file__).parent / "queue.sql").read_text(encoding="utf-8")
STATES = ("due", "later", "held", "sending", "unknown")
CIRCUITS = ("closed", "open", "probing")


@one_moment()
def queue(*, now: datetime) -> list[Metric]:
    """What waits and why, how old it is, and when a worker last said that it lives (absent: never)."""
    return [_depth(now), _age(now), _heartbeat()]


@one_moment()
def senders(*, now: datetime) -> list[Metric]:
    """Each of our numbers by its instance: its circuit, its failures, whether it is connected and not stopped."""
    circuits = GaugeMetricFamily(
        "julia_circuit_state", "1 for the state a number's circuit is in.", labels=["sender", "state"]
    )
    failures = GaugeMetricFamily(
        "julia_circuit_failures", "Failures in a row through a number of ours.", labels=["sender"]
    )
    usable = GaugeMetricFamily(
        "julia_sender_usable", "1 while a number is connected and nobody stopped it.", labels=["sender"]
    )
    for sender in Sender.objects.order_by("instance"):
        name = numbers.subject(sender_id=sender.pk, instance=sender.instance)
        for state in CIRCUITS:
            circuits.add_metric([name, state], state == _state(sender, now))
        failures.add_metric([name], sender.circuit_failures)
        usable.add_metric([name], sender.connection == "open" and not sender.stopped_reason)
    return [circuits, failures, usable]


def _state(sender: Sender, now: datetime) -> str:
    if sender.circuit.is_open(now):
        return "open"
    return "probing" if sender.circuit.is_tripped else "closed"


def _depth(now: datetime) -> Metric:
    with connection.cursor() as cursor:
        cursor.execute(QUEUE, {"now": now})
        family = GaugeMetricFamily(
            "julia_queue_messages",
            "Messages that are not settled: due, due later, held by a switch, being sent, of unknown outcome.",
            labels=["state", "reason"],
        )
        for (state, reason), count in _bounded(cursor.fetchall()).items():
            family.add_metric([state, reason], count)
    return family


def _bounded(rows: Iterable[tuple[str, str, int]]) -> Counter[tuple[str, str]]:
    counts = Counter({(state, "none"): 0 for state in STATES})
    for state, reason, count in rows:
        counts[state, reason if reason in {"none", *REASONS} else OTHER] += count
    return counts


def _age(now: datetime) -> Metric:
    oldest = due.oldest(now=now)
    age = (now - oldest).total_seconds() if oldest else 0.0
    return GaugeMetricFamily("julia_queue_age_seconds", "How long the oldest due message has been waiting.", value=age)


def _heartbeat() -> Metric:
    beat_at = heartbeats.last(name=heartbeats.WORKER)
    return GaugeMetricFamily(
        "julia_worker_heartbeat_timestamp_seconds",
        "When a worker last did the periodic work.",
        value=beat_at.timestamp() if beat_at else None,
    )
