"""The daily summary: at 09:00 in São Paulo, metrics and volumes of the day that ended then, beside the day before's.

Who tells people registers with `on_summary` (a package above calls it in `ready()`). A day is told of once, however
many ask at the same time: its row is written in the transaction that tells, and taken back when surely nobody was told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from canary import metrics
from canary.event_types import EventType
from canary.metrics import Metric, Reading, Window
from canary.models import BusinessEvent, DailySummary

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
TOLD_AT = time(9)
VOLUMES = (
    EventType.OUTBOUND_SENT,
    EventType.OUTBOUND_BLOCKED,
    EventType.OUTBOUND_DEFERRED,
    EventType.OUTBOUND_BYPASS,
    EventType.OUTBOUND_DEDUPED,
    EventType.DOCTOR_INBOUND,
)
UP, DOWN, SAME = "▲", "▼", "="

Listener = Callable[[str], None]
_listeners: list[Listener] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What was measured and counted in one day; `volumes` is `{event type: how many}`."""

    readings: Sequence[tuple[Metric, Reading]]
    volumes: Mapping[str, int]


class NotToldError(Exception):
    """Surely nobody was told: it may be tried again without anybody hearing it twice."""


def on_summary(listener: Listener) -> None:
    """Have `listener` called with each day's text; it raises `NotToldError` when surely nobody was told."""
    if listener not in _listeners:
        _listeners.append(listener)


@transaction.atomic(durable=True)
def tell(*, now: datetime) -> bool:
    """Tell of the day that is due, in a transaction of its own; False when none is, or it was told of already.

    Whoever asks at the same time waits for this one and then finds the day told of. A summary that was late, because
    nothing ran at 09:00, is told until midnight.

    Raises:
        NotToldError: when a listener says so; then the day is due still.
    """
    day = due(now)
    if day is None or not DailySummary.objects.get_or_create(day=day, defaults={"told_at": now})[1]:
        return False
    text = compose(day, today=measure(window_of(day)), before=measure(window_of(day - timedelta(days=1))))
    for listener in _listeners:
        listener(text)
    return True


def due(now: datetime) -> date | None:
    """The day whose summary is due: São Paulo's, from 09:00 until midnight."""
    local = now.astimezone(SAO_PAULO)
    return local.date() if local.time() >= TOLD_AT else None


def window_of(day: date) -> Window:
    """From 09:00 of the day before to 09:00 of the day: 23 or 25 hours where the clock was changed in between."""
    return Window(since=_nine(day - timedelta(days=1)), until=_nine(day))


def measure(window: Window) -> Day:
    """Read every metric and count what happened."""
    happened = BusinessEvent.objects.filter(ts__gte=window.since, ts__lt=window.until, event_type__in=VOLUMES)
    return Day(
        readings=[(metric, metric.read(window)) for metric in metrics.registered()],
        volumes=dict(happened.values_list("event_type").annotate(Count("pk"))),
    )


def compose(day: date, *, today: Day, before: Day) -> str:
    """Write the summary in Slack's mark-up: the state, the metrics with their trends, the volumes with theirs."""
    violated = [metric for metric, reading in today.readings if not reading.is_ok]
    state = _(":red_circle: ALERT") if violated else _(":large_green_circle: OK")
    earlier = {metric.name: reading for metric, reading in before.readings}
    lines = [
        _("*Health of Julia, {day}* {state}").format(day=f"{day:%d/%m/%Y}", state=state),
        _("24 h until 09:00; in brackets the day before"),
        *(_metric_line(metric, reading, earlier.get(metric.name)) for metric, reading in today.readings),
        _("*Volumes*"),
        *(_volume_line(type_, today.volumes.get(type_, 0), before.volumes.get(type_, 0)) for type_ in VOLUMES),
        *(_action_line(metric) for metric in violated),
    ]
    return "\n".join(lines)


def _metric_line(metric: Metric, reading: Reading, earlier: Reading | None) -> str:
    mark = ":white_check_mark:" if reading.is_ok else ":x:"
    trend = f" {_trend(reading.value, earlier.value)} [{_plain(earlier.shown)}]" if earlier else ""
    return f"{mark} `{metric.name}` {_plain(reading.shown)} ({_plain(metric.threshold)}){trend}"


def _action_line(metric: Metric) -> str:
    return _("*To do* {metric}: {action}").format(metric=metric.name, action=_plain(metric.action))


def _plain(text: object) -> str:
    """Text that Slack takes for no mark-up of its own."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _volume_line(type_: str, count: int, earlier: int) -> str:
    return f"• `{type_}` {count} {_trend(count, earlier)} [{earlier}]"


def _trend(value: float, earlier: float) -> str:
    if value == earlier:
        return SAME
    return UP if value > earlier else DOWN


def _nine(day: date) -> datetime:
    return datetime.combine(day, TOLD_AT, tzinfo=SAO_PAULO)
