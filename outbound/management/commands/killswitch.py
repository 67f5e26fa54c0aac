"""`manage.py killswitch julia off --reason …`: the switches from the terminal."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from outbound import killswitch
from outbound.killswitch import Switch, SwitchReport

EXAMPLES = """
manage.py killswitch julia status
manage.py killswitch julia off --reason "mensagens estranhas"     # pausar_julia
manage.py killswitch julia on --reason "resolvido"                # retomar_julia
manage.py killswitch campaigns off --reason "feriado"             # toggle_campanhas off
manage.py killswitch safe_mode on --reason "investigando"
"""


class Command(BaseCommand):
    help = _("Turn Julia, the campaigns, the bridge or the safe mode on or off, or tell how they stand.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("switch", choices=list(Switch))
        parser.add_argument("action", choices=["on", "off", "status"])
        parser.add_argument("--reason", default="", help=_("why, for the history; needed for on and off"))
        parser.add_argument("--actor", default=getpass.getuser(), help=_("who, for the history (default: your login)"))

    def handle(self, **options: Any) -> None:
        switch = Switch(options["switch"])
        if options["action"] == "status":
            self._show(killswitch.status(switch=switch))
            return
        try:
            report = killswitch.turn(
                switch=switch,
                on=options["action"] == "on",
                actor=options["actor"],
                reason=options["reason"],
                now=timezone.now(),
            )
        except ValueError as error:
            raise CommandError(_("Nothing was changed: give --reason, without phones, e-mails or CPFs.")) from error
        if not report.changed:
            self.stdout.write(_("It already stood so; nothing was changed."))
        self._show(report)

    def _show(self, report: SwitchReport) -> None:
        state = _("ON") if report.is_on else _("OFF")
        self.stdout.write(
            _("{switch}: {state}. In flight: {in_flight}. Waiting in the queue: {waiting}.").format(
                switch=report.switch, state=state, in_flight=report.in_flight, waiting=report.waiting
            )
        )
