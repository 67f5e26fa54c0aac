"""`manage.py health`: the metrics of the last hours against their thresholds, and the daily panel's lists beside them.

For people, programs, cron, and as a picture.
"""

from __future__ import annotations

import json
import math
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from canary import daily_panel, metrics, plots
from canary.health import Findings, Section
from canary.metrics import Metric, Reading, Window
from canary.terminal import console_of, health_table, section_lines

EXAMPLES = """
manage.py health                                # todas as métricas e o painel das últimas 24 horas
manage.py health provider_errors --hours 168    # uma parte só: volume, guardrails, invalid_replies, provider_errors,
                                                # fallback, duplicates, opted_out, security, ou uma métrica
manage.py health --json || echo ALERTA          # código de saída: 0 OK, 1 ALERTA
manage.py health --plot saude.png --hours 168   # uma figura (.png ou .svg), com limites, fases e incidentes
"""

# Ten years: further back there is nothing, and soon no calendar.
MOST_HOURS = 10 * 366 * 24

Readings = Sequence[tuple[Metric, Reading]]
Panel = Sequence[tuple[Section, Findings]]


class Command(BaseCommand):
    help = _("Show the health metrics of the last hours with their thresholds. Exits with 1 when one is violated.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("what", nargs="?", help=_("one metric or one part of the panel only"))
        parser.add_argument("--hours", type=int, default=24, help=_("how far back to look (default: 24)"))
        parser.add_argument("--json", action="store_true", help=_("one JSON object, for programs"))
        parser.add_argument("--plot", type=Path, metavar="FILE", help=_("draw the snapshots into a .png or .svg file"))

    def handle(self, **options: Any) -> None:
        if not 0 < options["hours"] <= MOST_HOURS:
            raise CommandError(_("--hours must be from 1 to {most}.").format(most=MOST_HOURS))
        now = timezone.now()
        window = Window(since=now - timedelta(hours=options["hours"]), until=now)
        if options["plot"]:
            self._plot(options["plot"], window)
        else:
            self._report(options["what"], window, as_json=options["json"])

    def _plot(self, file: Path, window: Window) -> None:
        try:
            picture_format = plots.Format(file.suffix.removeprefix(".").lower())
        except ValueError as error:
            raise CommandError(_("--plot draws .png and .svg: give the file one of these endings.")) from error
        try:
            file.write_bytes(plots.draw(plots.load(window), picture_format=picture_format))
        except OSError as error:
            raise CommandError(_("{file} could not be written: {error}").format(file=file, error=error)) from error
        self.stdout.write(str(file))

    def _report(self, what: str | None, window: Window, *, as_json: bool) -> None:
        chosen, sections = _chosen(what)
        readings = [(metric, metric.read(window)) for metric in chosen]
        panel = [(section, _find(section, readings, window)) for section in sections]
        is_ok = all(reading.is_ok for _metric, reading in readings) and all(found.is_ok for _section, found in panel)
        if as_json:
            self.stdout.write(_as_json(readings, panel, is_ok=is_ok))
        else:
            self._show(readings, panel)
        if not is_ok:
            sys.exit(1)

    def _show(self, readings: Readings, panel: Panel) -> None:
        console = console_of(self)
        if readings:
            console.print(health_table(readings))
        for section, findings in panel:
            console.print(section_lines(section, findings))


def _chosen(what: str | None) -> tuple[list[Metric], list[Section]]:
    """Find what is asked for: the parts of the panel of that name with the metrics that judge them, or one metric."""
    every_metric, every_section = metrics.registered(), daily_panel.sections()
    if what is None:
        return every_metric, every_section
    sections = [section for section in every_section if section.name == what]
    names = {what} | {section.metric for section in sections}
    chosen = [metric for metric in every_metric if metric.name in names]
    if not chosen and not sections:
        known = dict.fromkeys([*(metric.name for metric in every_metric), *(section.name for section in every_section)])
        raise CommandError(_("There is no {name} here. There are: {names}").format(name=what, names=", ".join(known)))
    return chosen, sections


def _find(section: Section, readings: Readings, window: Window) -> Findings:
    counted = {metric.name: reading.value for metric, reading in readings}
    if section.lists_violations and counted.get(section.metric or "") == 0:
        return Findings()
    return section.find(window)


def _as_json(readings: Readings, panel: Panel, *, is_ok: bool) -> str:
    answer = {
        "status": "OK" if is_ok else "ALERT",
        "metrics": {
            metric.name: {"value": _finite(reading.value), "threshold": metric.threshold, "ok": reading.is_ok}
            for metric, reading in readings
        },
        "sections": [
            {"name": section.name, "title": str(section.title), "ok": found.is_ok, "note": found.note}
            | {"rows": list(found.rows)}
            for section, found in panel
        ],
    }
    return json.dumps(answer, cls=DjangoJSONEncoder)


def _finite(value: float) -> float | None:
    """JSON has no word for infinity: what never was is null."""
    return value if math.isfinite(value) else None
