"""How Julia is allowed to work at this moment: switches, percentage, phase, and what is wrong with her."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily, Metric

from canary import flags, phases
from canary.flag_values import FlagKey, Flags
from canary.models import HealthSnapshot, Incident, Severity
from canary.one_moment import one_moment


@one_moment()
def rollout(*, now: datetime) -> list[Metric]:  # noqa: ARG001 - as every part is asked
    """Switches as committed, the phase they make, open incidents, and when health was last recorded (absent: never)."""
    switches = flags.read()
    return [_switches(switches), *_percentages(switches), _phase(switches.canary_pct), _incidents(), _snapshot()]


def _switches(switches: Flags) -> Metric:
    family = GaugeMetricFamily(
        "julia_flag", "1 while a switch is on; of safe_mode that is the careful side.", labels=["flag"]
    )
    family.add_metric([FlagKey.JULIA], switches.julia_enabled)
    family.add_metric([FlagKey.CAMPAIGNS], switches.campaigns_enabled)
    family.add_metric([FlagKey.SAFE_MODE], switches.safe_mode)
    family.add_metric([FlagKey.EXTERNAL_HANDOFF], switches.handoff_enabled)
    return family


def _percentages(switches: Flags) -> list[Metric]:
    return [
        GaugeMetricFamily(
            "julia_canary_percent", "Contacts whom proactive messages may reach.", value=switches.canary_pct
        ),
        GaugeMetricFamily(
            "julia_handoff_percent", "Contacts whom new bridges may be opened for.", value=switches.handoff_pct
        ),
    ]


def _phase(pct: int) -> Metric:
    family = GaugeMetricFamily(
        "julia_phase", "1 for the phase the percentage stands in; below A for none.", labels=["phase"]
    )
    stands = phases.at(pct)
    for phase in phases.PHASES:
        family.add_metric([phase.code], phase is stands)
    return family


def _incidents() -> Metric:
    family = GaugeMetricFamily("julia_incidents_open", "Incidents that nobody has resolved.", labels=["severity"])
    rows = Incident.objects.filter(resolved_at=None).values_list("severity").annotate(count=Count("pk")).order_by()
    counts = dict(rows)
    for severity in Severity:
        family.add_metric([severity.value], counts.get(severity.value, 0))
    return family


def _snapshot() -> Metric:
    last = HealthSnapshot.objects.order_by("-taken_at").values_list("taken_at", flat=True).first()
    return GaugeMetricFamily(
        "julia_last_snapshot_timestamp_seconds",
        "Up to when health is on record.",
        value=last.timestamp() if last else None,
    )
