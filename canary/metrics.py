"""What is measured to know whether Julia is well: packages above register their metrics here in `ready()`.

A metric is computed over a half-open window of time, and says for itself whether its value is within its threshold. The
core ones, their thresholds and what to do about them are the go/no-go document's (SLOs para Decisão de Escala).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from canary.models import Severity

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise  # exists in the stubs only


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `since`, included, to `until`, not included."""

    since: datetime
    until: datetime


class Unit(StrEnum):
    """What a metric's value counts; a share is 0 to 1."""

    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A metric's value in a window; `shown` is the value in people's form.

    A share also says of how many it is one, `part` of `whole`: its confidence can be judged, and windows added up.
    """

    value: float
    is_ok: bool
    shown: str
    part: int | None = None
    whole: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One thing that is measured: `title`, `threshold` and `action` are for people, `read` answers for a window.

    `severity` is that of the incident a violation opens; `limit` is the threshold as a number in `unit`, for plots.
    """

    name: str
    threshold: str
    severity: Severity
    action: _StrPromise
    read: Callable[[Window], Reading]
    title: _StrPromise | str = ""
    unit: Unit = Unit.COUNT
    limit: float = 0.0


_metrics: dict[str, Metric] = {}


def register(metric: Metric) -> None:
    """Have a metric measured; the last one registered under a name counts."""
    _metrics[metric.name] = metric


def registered() -> list[Metric]:
    """All metrics, in the order of their registration."""
    return list(_metrics.values())


def none_allowed(count: int) -> Reading:
    """Read a metric whose threshold is zero."""
    return Reading(value=count, is_ok=count == 0, shown=str(count))


def share(*, part: int, whole: int, is_ok: bool) -> Reading:
    """Read a share, `part` of `whole`; of nothing it is 0."""
    value = part / whole if whole else 0.0
    return Reading(value=value, is_ok=is_ok, shown=f"{value:.2%} ({part}/{whole})", part=part, whole=whole)
