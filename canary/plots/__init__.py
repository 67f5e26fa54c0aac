"""The snapshots as a picture: every metric over time with its threshold, and above them phases and incidents.

`draw(load(window), picture_format=Format.PNG)` answers the bytes of a picture, for a file or a page.
"""

from __future__ import annotations

from enum import StrEnum

from canary.plots.history import History, load

__all__ = ["Format", "History", "draw", "load"]


class Format(StrEnum):
    PNG = "png"
    SVG = "svg"


def draw(history: History, *, picture_format: Format) -> bytes:
    """Draw the picture; nothing appears on a screen."""
    from canary.plots import picture  # noqa: PLC0415 - matplotlib takes longer to load than all the rest

    return picture.draw(history, picture_format=picture_format)
