"""The band at the top of a picture: which share of the audience was in, and what incidents there were."""

from __future__ import annotations

from typing import Literal

from django.utils.translation import gettext as _
from matplotlib.axes import Axes

from canary.models import Incident, Severity
from canary.plots.history import History, Phase
from canary.plots.style import INK, QUIET, SEVERITY_COLOURS, at, frame

Side = Literal["left", "right"]

PHASE_COLOUR = "#2f6fb0"
FULL_PERCENT = 100
INCIDENTS, PHASES = (0.0, 1.0), (1.15, 0.85)
# Incidents that overlap lie below each other in so many lanes.
LANES = 3
# As shares of the whole: a bar any narrower is not seen; one so wide has its words inside; before this end there is
# room for them behind it.
NARROWEST = 0.004
WIDE = 0.25
ROOM_FOR_WORDS = 0.8


def draw(axes: Axes, history: History) -> None:
    """Draw the phases as a band, and each incident as a bar below it."""
    frame(axes, history.window)
    axes.set_ylim(0, 2)
    axes.set_yticks([0.5, 1.575], [_("Incidents"), _("Canary")], fontsize=9.5, color=INK)
    axes.tick_params(axis="y", length=0)
    for phase in history.phases:
        _draw_phase(axes, phase)
    for number, incident in enumerate(history.incidents):
        _draw_incident(axes, incident, lane=number % LANES, history=history)
    if not history.phases:
        _say(axes, PHASES, _("no change of phase on record"))
    if not history.incidents:
        _say(axes, INCIDENTS, _("no incidents"))


def _draw_phase(axes: Axes, phase: Phase) -> None:
    begin, end = at(phase.since), at(phase.until)
    strength = 0.15 + 0.65 * phase.percent / FULL_PERCENT
    axes.broken_barh([(begin, end - begin)], PHASES, color=PHASE_COLOUR, alpha=strength, edgecolor="white")
    axes.text(
        (begin + end) / 2,
        1.575,
        f"{phase.percent} %",
        ha="center",
        va="center",
        color=INK,
        fontweight="bold",
        clip_on=True,
    )


def _draw_incident(axes: Axes, incident: Incident, *, lane: int, history: History) -> None:
    since, until = at(history.window.since), at(history.window.until)
    begin = max(at(incident.opened_at), since)
    end = min(at(incident.resolved_at) if incident.resolved_at else until, until)
    width = max(end - begin, NARROWEST * (until - since))
    height = 1 / LANES
    bottom = 1 - (lane + 1) * height
    colour = SEVERITY_COLOURS[Severity(incident.severity)]
    axes.broken_barh([(begin, width)], (bottom + 0.03, height - 0.06), color=colour)
    x, side, ink = _place_words(begin, begin + width, since=since, until=until)
    axes.text(x, bottom + height / 2, f" {incident} ", ha=side, va="center", color=ink, fontsize=8, clip_on=True)


def _place_words(begin: float, end: float, *, since: float, until: float) -> tuple[float, Side, str]:
    """Where a bar's words stand, on which side of that they are aligned, and in what colour."""
    if end < since + ROOM_FOR_WORDS * (until - since):
        return end, "left", INK
    if end - begin > WIDE * (until - since):
        return begin, "left", "white"
    return begin, "right", INK


def _say(axes: Axes, band: tuple[float, float], words: str) -> None:
    axes.text(0.005, (band[0] + band[1] / 2) / 2, words, transform=axes.transAxes, va="center", color=QUIET)
