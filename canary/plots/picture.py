"""Puts a picture together; what it is made of imports matplotlib, so this is imported only to draw."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from matplotlib import rc_context
from matplotlib.figure import Figure

from canary.plots import curves, timeline
from canary.plots.history import History
from canary.plots.style import INK, QUIET, SAO_PAULO

COLUMNS = 3
# 1,540 by 946 points: a laptop's screen.
SIZE_INCHES, DPI = (14, 8.6), 110
# Texts stay texts in an SVG, to be found and copied.
LOOK: Any = {"font.family": "DejaVu Sans", "font.size": 9, "svg.fonttype": "none", "hatch.linewidth": 0.6}


def draw(history: History, *, picture_format: str) -> bytes:
    """Draw the picture; a Figure of its own, without pyplot, needs no screen and stays in no memory."""
    picture = BytesIO()
    with rc_context(LOOK):
        figure = Figure(figsize=SIZE_INCHES, dpi=DPI, facecolor="white", layout="constrained")
        _compose(figure, history)
        figure.savefig(picture, format=picture_format)
    return picture.getvalue()


def _compose(figure: Figure, history: History) -> None:
    rows = -(-len(history.metrics) // COLUMNS)
    grid = figure.add_gridspec(rows + 1, COLUMNS, height_ratios=[0.7, *[1] * rows])
    timeline.draw(figure.add_subplot(grid[0, :]), history)
    for number, metric in enumerate(history.metrics):
        axes = figure.add_subplot(grid[1 + number // COLUMNS, number % COLUMNS])
        curves.draw(axes, metric, history)
    since, until = (
        f"{moment.astimezone(SAO_PAULO):%d/%m/%Y %H:%M}" for moment in (history.window.since, history.window.until)
    )
    title = _("Health of Julia, {since} to {until}, São Paulo time").format(since=since, until=until)
    figure.suptitle(title, fontsize=14, fontweight="bold", color=INK, x=0.01, ha="left")
    legend = _(
        "Each point: a snapshot of five minutes. Red points: violated. Dashed: limit. Dotted: change of phase. "
        "Tinted: incident. Hatched: nothing measured."
    )
    figure.supxlabel(legend, fontsize=8.5, color=QUIET, x=0.01, ha="left")
