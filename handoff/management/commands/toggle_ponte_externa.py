"""`manage.py toggle_ponte_externa`: the bridge's switch and its canary, as the go/no-go document spells them."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from canary.flag_values import ALL_PERCENT
from handoff import switch
from handoff.switch import SwitchStatus

EXAMPLES = """
manage.py toggle_ponte_externa status     # como está
manage.py toggle_ponte_externa on 10      # 10 % dos médicos
manage.py toggle_ponte_externa on         # 100 %
manage.py toggle_ponte_externa off --reason "divulgador reclamou"
"""


class Command(BaseCommand):
    help = _("Turn the bridge (ponte externa) on for a share of doctors, or off, or tell how it stands.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("action", choices=["status", "on", "off"])
        parser.add_argument(
            "pct", nargs="?", type=int, default=ALL_PERCENT, help=_("percent of doctors (default: 100)")
        )
        parser.add_argument("--reason", default="", help=_("why, for the history (default: the command itself)"))
        parser.add_argument("--actor", default=getpass.getuser(), help=_("who, for the history (default: your login)"))

    def handle(self, **options: Any) -> None:
        action, pct = options["action"], options["pct"]
        if action == "status":
            self._show(switch.status())
            return
        command = f"toggle_ponte_externa {action} {pct}" if action == "on" else f"toggle_ponte_externa {action}"
        who = {"actor": options["actor"], "reason": options["reason"] or command, "now": timezone.now()}
        try:
            report = switch.turn_on(pct=pct, **who) if action == "on" else switch.turn_off(**who)
        except ValueError as error:
            problem = _("Nothing was changed: a percentage is 0 to 100, and a reason has no phones or e-mails.")
            raise CommandError(problem) from error
        if not report.changed:
            self.stdout.write(_("It already stood so; nothing was changed."))
        self._show(report)

    def _show(self, report: SwitchStatus) -> None:
        self.stdout.write(
            _("external_handoff: {state}, {pct} %. Open bridges: {open}. Waiting in the queue: {waiting}.").format(
                state=_("ON") if report.is_on else _("OFF"),
                pct=report.pct,
                open=report.open_bridges,
                waiting=report.waiting,
            )
        )
