"""One metric over time: its value, its threshold, where it was violated, and where nothing was measured."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from canary.metrics import Metric, Unit
from canary.models import Severity
from canary.plots.history import History
from canary.plots.style import BAD, EMPTY, GOOD, GRID, INK, LIMIT, QUIET, SEVERITY_COLOURS, at, frame

# Snapshots further apart are a gap (go/no-go: a stable window has none over 15 minutes).
GAP = timedelta(minutes=15)
# Above threshold and values there is air, for the words.
AIR = 1.35
# Behind words, so that lines do not cross them.
PAPER: dict[str, Any] = {"facecolor": "white", "alpha": 0.7, "edgecolor": "none", "pad": 1}
SMALLEST = {Unit.COUNT: 1.0, Unit.SHARE: 0.01, Unit.SECONDS: 60.0}
FORMATS = {
    Unit.COUNT: lambda value, _position: f"{value:.0f}",
    Unit.SHARE: lambda value, _position: f"{value:.1%}",
    Unit.SECONDS: lambda value, _position: f"{value:.0f} s",
}


def draw(axes: Axes, metric: Metric, history: History) -> None:
    """Draw one metric."""
    frame(axes, history.window)
    axes.set_title(str(metric.title or metric.name), loc="left", color=INK, fontsize=10.5, fontweight="bold")
    kept = [(moment, readings[metric.name]) for moment, readings in history.readings if metric.name in readings]
    _mark_what_happened(axes, history)
    _mark_gaps(axes, [moment for moment, _reading in kept], history)
    highest = _scale(axes, metric, [reading["value"] or 0.0 for _moment, reading in kept])
    axes.axhline(metric.limit, color=LIMIT, linewidth=1.2, linestyle=(0, (5, 3)), zorder=2)
    for stretch in _stretches(kept):
        axes.plot(
            [at(moment) for moment, _value in stretch],
            [value for _moment, value in stretch],
            color=GOOD,
            linewidth=1.6,
            marker="." if len(stretch) == 1 else "",
            zorder=3,
        )
    violations = [(moment, reading) for moment, reading in kept if not reading["is_ok"]]
    # What has no finite value stands at the top.
    heights = [highest if reading["value"] is None else reading["value"] for _moment, reading in violations]
    axes.scatter([at(moment) for moment, _reading in violations], heights, s=16, color=BAD, zorder=4, clip_on=False)
    _caption(axes, metric, kept, violations=len(violations))


def _scale(axes: Axes, metric: Metric, values: list[float]) -> float:
    highest = max([*values, metric.limit, SMALLEST[metric.unit]]) * AIR
    axes.set_ylim(0, highest)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=metric.unit is Unit.COUNT))
    axes.yaxis.set_major_formatter(FuncFormatter(FORMATS[metric.unit]))
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    return highest


def _mark_what_happened(axes: Axes, history: History) -> None:
    """Changes of phase as dotted lines, incidents as a tint."""
    for phase in history.phases[1:]:
        axes.axvline(at(phase.since), color=INK, linewidth=0.9, linestyle=":", zorder=2)
    for incident in history.incidents:
        end = incident.resolved_at or history.window.until
        colour = SEVERITY_COLOURS[Severity(incident.severity)]
        axes.axvspan(at(incident.opened_at), at(end), color=colour, alpha=0.12, linewidth=0, zorder=1)


def _mark_gaps(axes: Axes, moments: list[datetime], history: History) -> None:
    bounds = [history.window.since, *moments, history.window.until]
    for earlier, later in pairwise(bounds):
        if later - earlier > GAP:
            axes.axvspan(
                at(earlier), at(later), facecolor="white", edgecolor=EMPTY, hatch="////", linewidth=0, zorder=0
            )


def _stretches(kept: list[tuple[datetime, Any]]) -> Iterator[list[tuple[datetime, float]]]:
    """The finite values, cut where nothing was measured for long."""
    stretch: list[tuple[datetime, float]] = []
    for moment, reading in kept:
        if stretch and (reading["value"] is None or moment - stretch[-1][0] > GAP):
            yield stretch
            stretch = []
        if reading["value"] is not None:
            stretch.append((moment, reading["value"]))
    if stretch:
        yield stretch


def _caption(axes: Axes, metric: Metric, kept: list[tuple[datetime, Any]], *, violations: int) -> None:
    """Name the threshold, and at the right how things stand now."""
    if not kept:
        axes.text(0.5, 0.5, _("no snapshots"), transform=axes.transAxes, ha="center", va="center", color=QUIET)
        return
    last = kept[-1][1]
    text = _("limit {threshold} · now {value}").format(threshold=metric.threshold, value=last["shown"])
    axes.set_title(text, loc="right", color=QUIET if last["is_ok"] else BAD, fontsize=8.5)
    if violations:
        count = _("violated in {count} of {total}").format(count=violations, total=len(kept))
        place: dict[str, Any] = {"transform": axes.transAxes, "ha": "right", "va": "top", "zorder": 5}
        axes.text(0.99, 0.97, count, color=BAD, fontsize=8.5, bbox=PAPER, **place)
