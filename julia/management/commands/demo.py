"""`manage.py demo`: see Julia's guardrails at work in a minute, against the provider sandbox."""

from __future__ import annotations

import json
import select
import time
import urllib.request
from collections import Counter
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from canary import metrics
from canary.event_types import EventType
from canary.metrics import Window
from canary.models import BusinessEvent
from canary.terminal import console_of, health_table
from julia import processes
from julia.demo import scenario
from outbound import heartbeats
from outbound.methods import Status
from outbound.models import OutboundMessage

PATIENCE_S = 40.0
# Slow enough to be watched, open at any hour of any day: the demo behaves the same at night and on Sundays.
STAGE = {
    "BUSINESS_HOURS": "mon-sun 00:00-24:00",
    "OUTBOUND_CONCURRENCY": "16",
    "OUTBOUND_RATE_LIMITS": "20/hour,100/day",
}
LATENCY_MS = 120


class Command(BaseCommand):
    help = _("Play a campaign day against the provider sandbox, with real processes and nobody at the other end.")

    def handle(self, **_options: Any) -> None:
        if settings.DATABASE_URL or settings.REDIS_URL or settings.IN_PRODUCTION:
            raise CommandError(_("The demo empties its database: unset DATABASE_URL and REDIS_URL, use make demo."))
        self.console = console_of(self)
        self.logs = settings.EMBEDDED_ROOT / "logs"
        self.console.print(_("[bold]1.[/bold] An empty database of its own …"))
        call_command("migrate", verbosity=0)
        call_command("flush", interactive=False, verbosity=0)
        arguments = [argument for name in scenario.INSTANCES for argument in ("--instance", name)]
        arguments += ["--latency-ms", str(LATENCY_MS)]
        self.console.print(_("[bold]2.[/bold] The provider sandbox and a worker …"))
        with processes.sandbox(*arguments, env={}, log=self.logs / "sandbox.log") as url:
            env = {**STAGE, "EVOLUTION_API_URL": url}
            with (
                processes.manage("rqworker", "periodic", "dispatch", env=env, log=self.logs / "worker.log"),
                processes.manage("rqcron", "julia.cron", env=env, log=self.logs / "cron.log"),
            ):
                self._play(url)

    def _play(self, url: str) -> None:
        started_at = timezone.now()
        acts = scenario.play(scenario.set_the_stage(now=started_at), now=timezone.now())
        self.console.print(_("[bold]3.[/bold] Asked for:"))
        for act in acts:
            deduped = _(", {count} of them refused as duplicates").format(count=act.deduped) if act.deduped else ""
            self.console.print(f"   {act.asked:>4}  {act.title}{deduped}")
        self._watch()
        self.console.print(_what_became_of_them(started_at))
        self._compare_with_provider(url)
        window = Window(since=started_at, until=timezone.now() + timedelta(seconds=1))
        self.console.print(health_table([(metric, metric.read(window)) for metric in metrics.registered()]))
        self.console.print(
            _(
                "[bold]Look further[/bold]\n"
                "  EMBEDDED_ROOT=.local/demo .venv/bin/python manage.py explain 11981000003 --method campaign\n"
                "  EMBEDDED_ROOT=.local/demo .venv/bin/python manage.py health\n"
                "  make up        everything running together, with the admin in the browser\n"
                "  README.md      the five-minute tour"
            )
        )

    def _watch(self) -> None:
        """Show how the messages are decided and sent, until nothing is due or under way and the worker gave a sign."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        ends_at = time.monotonic() + PATIENCE_S
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task(_("[bold]4.[/bold] Sending"), total=OutboundMessage.objects.count())
            while time.monotonic() < ends_at:
                pending = _pending()
                progress.update(task, completed=OutboundMessage.objects.count() - pending)
                if not pending and heartbeats.last(name=heartbeats.WORKER):
                    return
                select.select([], [], [], 0.1)
        worker_log = processes.last_lines(self.logs / "worker.log")
        raise CommandError(_("The worker did not finish in time. The end of its log:") + "\n" + worker_log)

    def _compare_with_provider(self, url: str) -> None:
        """Hold what we believe was sent against what the provider delivered: the demo fails on any difference."""
        with urllib.request.urlopen(f"{url}/_sandbox/delivered") as answer:  # noqa: S310 - our own sandbox
            delivered = Counter(item["id"] for item in json.load(answer))
        sent = set(OutboundMessage.objects.filter(status=Status.SENT).values_list("provider_message_id", flat=True))
        if sent != set(delivered) or any(count > 1 for count in delivered.values()):
            raise CommandError(_("The provider delivered something else than was sent: this is a bug."))
        self.console.print(_("The provider delivered exactly these {count}, each once.").format(count=len(sent)))


def _pending() -> int:
    claimable = OutboundMessage.objects.claimable(timezone.now()).count()
    return claimable + OutboundMessage.objects.filter(status=Status.SENDING).count()


def _reason(row: Any) -> str:
    is_behind = row["status"] == Status.QUEUED and row["reason"] is None
    return _("waits behind its sender's full window") if is_behind else row["reason"] or ""


def _what_became_of_them(since: Any) -> Table:
    table = Table(_("outcome"), _("reason"), _("messages"), title=_("What became of them"))
    rows = OutboundMessage.objects.values("status", "reason").annotate(count=Count("pk")).order_by("status", "-count")
    words = {
        Status.SENT: _("sent"),
        Status.BLOCKED: _("blocked"),
        Status.QUEUED: _("deferred"),
        Status.FAILED: _("failed"),
        Status.UNKNOWN: _("unknown"),
    }
    for row in rows:
        table.add_row(words[Status(row["status"])], _reason(row), str(row["count"]))
    counts = dict(BusinessEvent.objects.filter(ts__gte=since).values_list("event_type").annotate(Count("pk")))
    table.add_row(_("deduplicated"), "duplicate", str(counts.get(EventType.OUTBOUND_DEDUPED, 0)))
    table.add_row(
        _("sent over a rule, with a reason"), "outbound_bypass", str(counts.get(EventType.OUTBOUND_BYPASS, 0))
    )
    return table
