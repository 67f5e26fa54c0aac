"""The geometry of the panel's drawings, in the units of their own view box: points in, SVG numbers out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """A line over time: `line` and `area` are SVG paths; `limit_y` is where the threshold lies, if it fits."""

    width: int
    height: int
    line: str
    area: str
    limit_y: float | None
    alarms: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One colour of a bar: from `y`, so high."""

    kind: int
    y: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar with its segments, the first at the bottom, and what is told of it."""

    x: float
    width: float
    segments: tuple[Segment, ...]
    label: str


def sparkline(
    points: Sequence[tuple[float, float, bool]], *, limit: float | None, width: int = 240, height: int = 48
) -> Sparkline | None:
    """Draw `(position 0 to 1, value, is it all right)`; None when there are fewer than two points."""
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    # So that a line at zero lies at the bottom, and one at its limit does not touch the top.
    top = max(*(value for _at, value, _ok in points), (limit or 0) * 1.25) or 1.0
    placed = [(round(at * width, 1), _y(value, top, height), ok) for at, value, ok in points]
    line = "M" + " L".join(f"{x} {y}" for x, y, _ok in placed)
    return Sparkline(
        width=width,
        height=height,
        line=line,
        area=f"{line} L{placed[-1][0]} {height} L{placed[0][0]} {height} Z",
        limit_y=_y(limit, top, height) if limit else None,
        alarms=tuple((x, y) for x, y, ok in placed if not ok),
    )


def _y(value: float, top: float, height: int) -> float:
    # Two units of air at each end, for the line's own width.
    return round(height - 2 - (height - 4) * min(value / top, 1.0), 1)


def bars(
    columns: Sequence[tuple[str, Sequence[int]]], *, top: int, width: int, height: int, gap: float = 0.2
) -> list[Bar]:
    """Stack each column's counts; `top` is the count that reaches the full height."""
    step = width / max(len(columns), 1)
    return [
        Bar(
            x=round(number * step + step * gap / 2, 2),
            width=round(step * (1 - gap), 2),
            segments=_stack(counts, top=top, height=height),
            label=label,
        )
        for number, (label, counts) in enumerate(columns)
    ]


def _stack(counts: Sequence[int], *, top: int, height: int) -> tuple[Segment, ...]:
    segments, used = [], 0.0
    for kind, count in enumerate(counts):
        tall = height * count / max(top, 1)
        if count:
            segments.append(Segment(kind=kind, y=round(height - used - tall, 2), height=round(tall, 2)))
        used += tall
    return tuple(segments)


def round_up(count: int) -> int:
    """The next number that reads well on an axis: 1, 2 or 5 times a power of ten."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if count <= factor * power:
                return factor * power
        power *= 10
