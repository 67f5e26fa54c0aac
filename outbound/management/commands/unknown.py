"""`manage.py unknown`: messages of which nobody knows whether they left, and a person's word about them."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.table import Table

from canary.personal_data import phone_prefix
from canary.terminal import console_of
from outbound import resolution
from outbound.methods import Status
from outbound.models import OutboundMessage
from outbound.resolution import NotUnknownError, Word

EXAMPLES = """
manage.py unknown list
manage.py unknown sent 066b501f-67ef-4ad4-988d-4af3600d191d --reason "visto no aparelho"
manage.py unknown requeue 066b501f-67ef-4ad4-988d-4af3600d191d --reason "não chegou, confirmado por telefone"
"""


class Command(BaseCommand):
    help = _("List messages of unknown outcome; say that one left, or queue it again. Look at the phone first.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("action", choices=["list", *Word])
        parser.add_argument("message", nargs="?", type=UUID, help=_("the message's id"))
        parser.add_argument("--reason", default="", help=_("how you know, for the history"))
        parser.add_argument("--actor", default=getpass.getuser(), help=_("who, for the history (default: your login)"))

    def handle(self, **options: Any) -> None:
        if options["action"] == "list":
            self._list()
            return
        if options["message"] is None:
            raise CommandError(_("Name the message by its id; see: manage.py unknown list"))
        try:
            resolution.resolve(
                message_id=options["message"],
                word=Word(options["action"]),
                actor=options["actor"],
                reason=options["reason"],
                now=timezone.now(),
            )
        except NotUnknownError as error:
            raise CommandError(_("No message of unknown outcome has this id; it may be settled by now.")) from error
        except ValueError as error:
            raise CommandError(_("Nothing was changed: give --reason, without phones, e-mails or CPFs.")) from error
        self.stdout.write(_("Done; your name and reason are in the history."))

    def _list(self) -> None:
        table = Table(_("message"), _("phone"), _("method"), _("attempted at"), _("error"))
        for message in OutboundMessage.objects.filter(status=Status.UNKNOWN).select_related("contact", "sender"):
            attempted_at = message.attempted_at
            table.add_row(
                str(message.pk),
                f"{phone_prefix(message.contact.phone)}…",
                message.method,
                timezone.localtime(attempted_at).strftime("%d/%m %H:%M:%S") if attempted_at else "",
                message.error or "",
            )
        console_of(self).print(table)
