"""How the pictures look: colours, and axes with São Paulo's time in Brazilian spelling."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num

from canary.metrics import Window
from canary.models import Severity

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
INK, QUIET, GRID, EMPTY = "#1f2933", "#616e7c", "#e4e7eb", "#cbd2d9"
GOOD, BAD, LIMIT = "#2f6fb0", "#d64545", "#b7791f"
SEVERITY_COLOURS = {Severity.P0: "#a61b1b", Severity.P1: "#e12d39", Severity.P2: "#f0b429", Severity.P3: "#9aa5b1"}
# From the finest ticks to the coarsest; what a tick at the start of a day, month or year says instead.
TICKS = ["%Y", "%m/%Y", "%d/%m", "%H:%M", "%H:%M", "%S"]
FIRST_TICKS = ["", "%Y", "%m/%Y", "%d/%m", "%H:%M", "%H:%M"]


def at(moment: datetime) -> float:
    """An instant as matplotlib counts it."""
    return float(date2num(moment))  # type: ignore[no-untyped-call]


def frame(axes: Axes, window: Window) -> None:
    """Give axes the window's time from left to right, and no more lines than help."""
    axes.set_xlim(at(window.since), at(window.until))
    locator = AutoDateLocator(tz=SAO_PAULO, minticks=4, maxticks=7)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    spelling = ConciseDateFormatter(  # type: ignore[no-untyped-call]
        locator, tz=SAO_PAULO, formats=TICKS, zero_formats=FIRST_TICKS, show_offset=False
    )
    axes.xaxis.set_major_formatter(spelling)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)
    axes.tick_params(colors=QUIET, labelsize=8.5)
