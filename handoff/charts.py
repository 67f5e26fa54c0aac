"""The bridge's charts, as a PNG file: confirmation rate and time to confirm, by day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.utils.translation import gettext as _

from handoff.metrics import Day

SIZE_INCHES = (9, 6)


def plot(days: Sequence[Day], *, to: Path) -> None:
    """Draw both charts over the same days into one file."""
    import matplotlib as mpl  # noqa: PLC0415 - large, and needed for this only

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415 - after its backend was chosen

    figure, (rates, times) = plt.subplots(2, 1, sharex=True, figsize=SIZE_INCHES, layout="constrained")
    labels = [f"{day.day:%d/%m}" for day in days]
    rates.bar(labels, [100 * (day.confirmation_rate or 0) for day in days], color="#0b6b3a")
    rates.set(ylabel=_("confirmed, % of ended"), ylim=(0, 100), title=_("Bridges by the day they were opened"))
    times.plot(labels, [float("nan") if day.median_h is None else day.median_h for day in days], "o-", color="#1d4ed8")
    times.set(ylabel=_("hours to confirm (median)"), ylim=(0, None))
    times.tick_params(axis="x", rotation=45)
    figure.savefig(to, format="png", dpi=100)
    plt.close(figure)
