"""`manage.py health`: the metrics of the last hours against their thresholds, for people, programs and cron."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from canary import metrics
from canary.metrics import Metric, Reading, Window
from canary.terminal import console_of, health_table

EXAMPLES = """
manage.py health                                # all metrics of the last 24 hours
manage.py health duplicates --hours 168
manage.py health --json || echo ALERTA          # exit status: 0 OK, 1 ALERT
"""


class Command(BaseCommand):
    help = _("Show the health metrics of the last hours with their thresholds. Exits with 1 when one is violated.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("metric", nargs="?", help=_("one metric only"))
        parser.add_argument("--hours", type=int, default=24, help=_("how far back to look (default: 24)"))
        parser.add_argument("--json", action="store_true", help=_("one JSON object, for programs"))

    def handle(self, **options: Any) -> None:
        if options["hours"] <= 0:
            raise CommandError(_("--hours must be at least 1."))
        now = timezone.now()
        window = Window(since=now - timedelta(hours=options["hours"]), until=now)
        readings = [(metric, metric.read(window)) for metric in _chosen(options["metric"])]
        is_ok = all(reading.is_ok for _metric, reading in readings)
        if options["json"]:
            self.stdout.write(json.dumps({"status": "OK" if is_ok else "ALERT", "metrics": _as_json(readings)}))
        else:
            console_of(self).print(health_table(readings))
        if not is_ok:
            sys.exit(1)


def _chosen(name: str | None) -> list[Metric]:
    everything = metrics.registered()
    chosen = [metric for metric in everything if name in {None, metric.name}]
    if not chosen:
        names = ", ".join(metric.name for metric in everything)
        raise CommandError(_("There is no metric {name}. There are: {names}").format(name=name, names=names))
    return chosen


def _as_json(readings: list[tuple[Metric, Reading]]) -> dict[str, Any]:
    return {
        metric.name: {"value": reading.value, "threshold": metric.threshold, "ok": reading.is_ok}
        for metric, reading in readings
    }
