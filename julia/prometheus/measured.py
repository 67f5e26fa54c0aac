"""The health metrics with their thresholds, over the last 24 hours as `manage.py health` shows them."""

from __future__ import annotations

from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric

from canary import metrics
from canary.metrics import Window
from canary.one_moment import one_moment

# "Métricas de Saúde (24h)": go/no-go document, Fase A.
DAY = timedelta(hours=24)


@one_moment()
def health(*, now: datetime) -> list[Metric]:
    """Value, limit and verdict of every health metric; shares are 0 to 1, durations in seconds."""
    values = GaugeMetricFamily("julia_slo_value", "A health metric over the last 24 hours.", labels=["slo"])
    limits = GaugeMetricFamily("julia_slo_limit", "What it must stay below; 0: there must be none.", labels=["slo"])
    oks = GaugeMetricFamily("julia_slo_ok", "1 while it is within its threshold.", labels=["slo"])
    window = Window(since=now - DAY, until=now)
    for metric in metrics.registered():
        reading = metric.read(window)
        values.add_metric([metric.name], reading.value)
        limits.add_metric([metric.name], metric.limit)
        oks.add_metric([metric.name], reading.is_ok)
    return [values, limits, oks]
