"""What the one way out must have in place before the canary grows: the go/no-go document's gaps, as they run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from math import isclose
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from canary import catalogue, metrics, prerequisites
from canary.flag_values import FlagKey
from canary.gate_facts import Finding
from canary.metrics import Window
from canary.models import Drill, FeatureFlagChange
from canary.phases import CAMPAIGN_SWITCH_DRILL
from outbound import circuit
from outbound.evolution import retry
from outbound.evolution.retry import GiveUp, RetryIn

BASE_DIR = Path(__file__).resolve().parent.parent
PACKAGES = ("julia", "handoff", "outbound", "canary")
# What talks to the provider, and who may use it: the dispatcher, who asks the guardrails for every claim, and the
# reconciler, who asks what became of a message.
WAY_OUT = frozenset({"outbound.evolution.client", "outbound.evolution.courier"})
MAY_USE_IT = frozenset({"outbound.evolution.courier", "outbound.dispatcher", "outbound.reconciler"})

# Fase A, Pré-requisitos: "5 falhas → abre, 60s reset", "20/hora, 100/dia por telefone".
FAILURES_TO_OPEN, RESET = 5, timedelta(seconds=60)
MOST = {timedelta(hours=1): 20, timedelta(days=1): 100}
# Gap B2: three attempts, 0.3 s and 1 s apart, ±20 %.
ATTEMPTS = 3
DELAYS_S = ((0.24, 0.36), (0.8, 1.2))
DUPLICATES_LOOK_BACK = timedelta(hours=24)


def guardrail_single_point(_now: datetime) -> Finding:
    """Look through the code that runs for a second way to the provider, past the guardrails."""
    around = sorted(set(_users_of_the_way_out()) - MAY_USE_IT)
    return Finding(is_met=not around, details={"around": ", ".join(around)} if around else {})


@cache
def _users_of_the_way_out() -> tuple[str, ...]:
    """Name the modules that import what posts to the provider; the code of a process does not change."""
    files = [path for package in PACKAGES for path in (BASE_DIR / package).rglob("*.py")]
    return tuple(_module(path) for path in files if WAY_OUT & set(_imported(path)))


def _module(path: Path) -> str:
    return ".".join(path.relative_to(BASE_DIR).with_suffix("").parts)


def _imported(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if "evolution" not in text:
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def circuit_breaker(now: datetime) -> Finding:
    """Let a circuit fail: the fifth failure in a row must open it, for 60 s."""
    state, failures = circuit.CLOSED, 0
    while not state.is_open(now) and failures <= FAILURES_TO_OPEN:
        state, failures = circuit.after_failure(state, now=now), failures + 1
    is_met = failures == FAILURES_TO_OPEN and state.open_until == now + RESET
    return Finding(is_met=is_met, details={"failures": failures})


def rate_limiter(_now: datetime) -> Finding:
    """Compare the configured limits with the document's: none may be wider."""
    limits = settings.OUTBOUND_RATE_LIMITS
    is_met = all(any(one.window >= length and one.count <= most for one in limits) for length, most in MOST.items())
    shown = ", ".join(f"{one.count}/{one.window.total_seconds() / 3600:g}h" for one in limits)
    return Finding(is_met=is_met, details={"limits": shown})


def campaign_switch_drilled(_now: datetime) -> Finding:
    """Look for a passed drill of the campaign switch, or for its having been turned off and on again (Gap B1)."""
    drilled = Drill.objects.filter(name=CAMPAIGN_SWITCH_DRILL, passed=True).exists()
    changes = FeatureFlagChange.objects.filter(key=FlagKey.CAMPAIGNS)
    off = changes.filter(after__enabled=False).order_by("id").values_list("id", flat=True).first()
    turned = off is not None and changes.filter(id__gt=off, after__enabled=True).exists()
    return Finding(
        is_met=drilled or turned, details={"found": "drill" if drilled else "history"} if drilled or turned else {}
    )


def retry_in_force(_now: datetime) -> Finding:
    """Ask the retry policy that runs what follows each attempt (Gap B2)."""
    answers = [
        [retry.after_attempt(attempt=attempt, retry_after_s=None, chance=chance) for chance in (0.0, 1.0)]
        for attempt in range(1, ATTEMPTS + 1)
    ]
    waits = all(_spans(pair, low, high) for pair, (low, high) in zip(answers, DELAYS_S, strict=False))
    gives_up = all(isinstance(answer, GiveUp) for answer in answers[-1])
    return Finding(is_met=waits and gives_up, details={"attempts": retry.MAX_ATTEMPTS})


def _spans(pair: Sequence[object], low: float, high: float) -> bool:
    first, last = pair
    if not (isinstance(first, RetryIn) and isinstance(last, RetryIn)):
        return False
    return isclose(first.delay_s, low) and isclose(last.delay_s, high)


def dedupe_constraint(_now: datetime) -> Finding:
    """Look for the exclusion constraint that refuses live duplicates, checked for every row (Gap C1)."""
    name = "outbound_messages_refuse_live_duplicates"
    return Finding(is_met=catalogue.has_constraint("outbound_messages", name, kind="x"))


def no_duplicates(now: datetime) -> Finding:
    """Count the last day's duplicates afresh: "Zero duplicatas detectadas"; the snapshots tell of the time before."""
    duplicates = next(metric for metric in metrics.registered() if metric.name == "duplicates")
    reading = duplicates.read(Window(since=now - DUPLICATES_LOOK_BACK, until=now))
    return Finding(is_met=reading.is_ok, details={"duplicates": reading.shown})


def register_all() -> None:
    """Say how to look for each of them."""
    for check, label in (
        (guardrail_single_point, _("The guardrails are the one way out")),
        (circuit_breaker, _("Circuit breaker: 5 failures, 60 s")),
        (rate_limiter, _("Rate limiter: 20 an hour, 100 a day")),
        (campaign_switch_drilled, _("The campaign switch was tried off and on")),
        (retry_in_force, _("Retry: three attempts with backoff")),
        (dedupe_constraint, _("The database refuses duplicates")),
        (no_duplicates, _("No duplicates detected")),
    ):
        prerequisites.register(check.__name__, check, label=label)
