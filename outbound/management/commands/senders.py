"""`manage.py senders`: our WhatsApp numbers, by the names of their instances at the provider."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.table import Table

from canary.terminal import console_of
from outbound import senders
from outbound.models import Sender

EXAMPLES = """
manage.py senders list
manage.py senders add julia-2
manage.py senders resume julia-2 --reason "chave trocada"      # depois de consertar a instância ou a chave
"""


class Command(BaseCommand):
    help = _("List our sending numbers, register one, or let a stopped one go on.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("action", choices=["list", "add", "resume"])
        parser.add_argument("instance", nargs="?", help=_("the instance's name at the provider"))
        parser.add_argument("--reason", default="", help=_("why, for the history; needed for resume"))
        parser.add_argument("--actor", default=getpass.getuser(), help=_("who, for the history (default: your login)"))

    def handle(self, **options: Any) -> None:
        action, instance = options["action"], options["instance"]
        if action == "list":
            self._list()
        elif not instance:
            raise CommandError(_("Name the instance."))
        elif action == "add":
            senders.register(instance=instance)
            self.stdout.write(_("{instance} is registered.").format(instance=instance))
        else:
            self._resume(instance, actor=options["actor"], reason=options["reason"])

    def _resume(self, instance: str, *, actor: str, reason: str) -> None:
        try:
            resumed = senders.resume(instance=instance, actor=actor, reason=reason, now=timezone.now())
        except Sender.DoesNotExist as error:
            raise CommandError(_("No sender has this instance; see: manage.py senders list")) from error
        except ValueError as error:
            raise CommandError(_("Nothing was changed: give --reason, without phones, e-mails or CPFs.")) from error
        words = _("{instance} goes on.") if resumed else _("{instance} was not stopped.")
        self.stdout.write(words.format(instance=instance))

    def _list(self) -> None:
        now = timezone.now()
        table = Table(_("instance"), _("state"), _("failures in a row"), _("resumes at"))
        for sender in Sender.objects.order_by("instance"):
            state = sender.stopped_reason or (_("circuit open") if sender.circuit.is_open(now) else _("ready"))
            resumes = sender.resume_at if sender.resume_at and sender.resume_at > now else None
            table.add_row(
                sender.instance,
                state,
                str(sender.circuit_failures),
                timezone.localtime(resumes).strftime("%d/%m %H:%M:%S") if resumes else "",
            )
        console_of(self).print(table)
