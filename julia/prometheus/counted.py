"""What happened, as numbers that only grow: sends by outcome, decisions by reason, and how long what left had waited.

Labels are the closed sets of the code: what is not in them (a release that knew more than we do) is `other`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import accumulate, product

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

from canary import tallies
from canary.event_types import EventType
from canary.tallies import WAITS_S, Tally
from outbound.methods import Method, Status
from outbound.words import REASONS

OTHER = "other"
OUTCOMES = (Status.SENT, Status.FAILED, Status.UNKNOWN)
DECISIONS: dict[str, str] = {
    EventType.OUTBOUND_BLOCKED: "block",
    EventType.OUTBOUND_DEFERRED: "defer",
    EventType.OUTBOUND_BYPASS: "bypass",
    EventType.OUTBOUND_DEDUPED: "dedupe",
}
DUPLICATE = "duplicate"


def events(*, now: datetime) -> list[Metric]:
    """All that is counted from events, up to now."""
    counted = tallies.read(now=now)
    return [_by_type(counted), _sends(counted), _decisions(counted), _waits(counted)]


def _by_type(counted: Sequence[Tally]) -> Metric:
    totals = Counter[str](dict.fromkeys(EventType, 0))
    for tally in counted:
        totals[_known(tally.event_type, list(EventType))] += tally.total
    family = CounterMetricFamily("julia_events", "Events in the record, by type.", labels=["event_type"])
    for event_type, total in totals.items():
        family.add_metric([event_type], total)
    return family


def _sends(counted: Sequence[Tally]) -> Metric:
    """A send that ended in doubt and is proved later counts as `unknown` when it did, and as `sent` when it is."""
    totals = Counter[tuple[str, str]](dict.fromkeys(product(OUTCOMES, Method), 0))
    for tally in counted:
        outcome = _outcome(tally)
        if outcome:
            totals[outcome, _known(tally.method, list(Method))] += tally.total
    family = CounterMetricFamily(
        "julia_sends", "Messages that were requested of the provider, by what came of it.", labels=["outcome", "method"]
    )
    for (outcome, method), total in totals.items():
        family.add_metric([outcome, method], total)
    return family


def _outcome(tally: Tally) -> str:
    """What came of a request; empty where the event is not about one."""
    if tally.event_type == EventType.OUTBOUND_SENT:
        return Status.SENT
    is_about_request = tally.event_type == EventType.OUTBOUND_BLOCKED and tally.outcome in OUTCOMES
    return tally.outcome if is_about_request else ""


def _decisions(counted: Sequence[Tally]) -> Metric:
    totals = Counter[tuple[str, str]](
        dict.fromkeys([*product(["block", "defer", "bypass"], REASONS), ("dedupe", DUPLICATE)], 0)
    )
    for tally in counted:
        decision = _decision(tally)
        if decision:
            reason = DUPLICATE if decision == "dedupe" else _known(tally.reason, REASONS)
            totals[decision, reason] += tally.total
    family = CounterMetricFamily(
        "julia_decisions",
        "Messages that were blocked, deferred, let through by a bypass, or refused as duplicates, by reason.",
        labels=["decision", "reason"],
    )
    for (decision, reason), total in totals.items():
        family.add_metric([decision, reason], total)
    return family


def _decision(tally: Tally) -> str:
    """What was decided about a message; empty where it was the provider's doing, or the event is about none."""
    if not tally.method or _outcome(tally):
        return ""
    return DECISIONS.get(tally.event_type, "")


def _waits(counted: Sequence[Tally]) -> Metric:
    family = HistogramMetricFamily(
        "julia_send_wait_seconds",
        "From enqueueing to the request that left, deferrals included, by method.",
        labels=["method"],
    )
    by_method: dict[str, list[Tally]] = {method: [] for method in Method}
    for tally in counted:
        if tally.event_type == EventType.OUTBOUND_SENT and tally.le:
            by_method.setdefault(_known(tally.method, list(Method)), []).append(tally)
    for method, own in by_method.items():
        family.add_metric([method], buckets=_buckets(own), sum_value=sum(tally.waited_ms for tally in own) / 1000)
    return family


def _buckets(told: Sequence[Tally]) -> list[tuple[str, float]]:
    """Each bound with how many waited no longer; a class of an earlier release counts in the next above."""
    bounds = (*WAITS_S, math.inf)
    inside = Counter[float]()
    for tally in told:
        inside[next(bound for bound in bounds if tally.le <= bound)] += tally.total
    below = accumulate(inside[bound] for bound in bounds)
    return [("+Inf" if math.isinf(bound) else str(bound), total) for bound, total in zip(bounds, below, strict=True)]


def _known(word: str, words: Collection[str]) -> str:
    return word if word in words else OTHER
