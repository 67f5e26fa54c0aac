"""`manage.py retention`: what is too old, and with `--apply` its removal; as the owner, from a scheduler once a day."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.table import Table

from canary import retention
from canary.database_owner import as_owner
from canary.terminal import console_of

EXAMPLES = """
manage.py retention                                     # mostra o que passou do prazo, sem mudar nada
manage.py retention --apply --reason "rotina diária"    # apaga de vez
"""


class Command(BaseCommand):
    help = _("Show what is older than it is kept; with --apply remove it, and make the months of events to come.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("--apply", action="store_true", help=_("remove it; without this nothing is changed"))
        parser.add_argument("--reason", default="retention", help=_("why, for the history"))
        parser.add_argument("--actor", default=getpass.getuser(), help=_("who, for the history (default: your login)"))

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        with as_owner(connection):
            rows = self._apply(options, now=now) if options["apply"] else retention.due(now=now)
        table = Table(_("what"), _("kept, days"), _("removed") if options["apply"] else _("too old"))
        for item in retention.registered():
            table.add_row(item.name, str(item.days), str(rows[item.name]))
        console_of(self).print(table)
        if not options["apply"]:
            self.stdout.write(_("Nothing was changed. --apply removes it for good."))

    def _apply(self, options: dict[str, Any], *, now: Any) -> dict[str, int]:
        try:
            return retention.apply(actor=options["actor"], reason=options["reason"], now=now)
        except ValueError as error:
            raise CommandError(_("Leave phones, e-mails and CPFs out of --actor and --reason.")) from error
