"""`manage.py contacts`: opting a contact out and back in, a doctor or a divulgador alike."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from outbound import contacts, phones
from outbound.models import Contact

EXAMPLES = """
manage.py contacts optout "11 98765-4321" --reason "pediu por telefone"
manage.py contacts optin "11 98765-4321" --reason "pediu para voltar"
"""
ACTIONS = {"optout": contacts.opt_out, "optin": contacts.opt_in}


class Command(BaseCommand):
    help = _("Opt a contact out, so that nothing is sent to him any more, or back in.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        actions = parser.add_subparsers(dest="action", required=True)
        for name, text in (
            ("optout", _("write to a contact no more, and cancel what waits")),
            ("optin", _("write to a contact again, because he said so")),
        ):
            action = actions.add_parser(name, help=text)
            action.add_argument("phone", help=_("in any form"))
            action.add_argument("--reason", required=True, help=_("why, for the history"))
            action.add_argument(
                "--actor", default=getpass.getuser(), help=_("who, for the history (default: your login)")
            )

    def handle(self, **options: Any) -> None:
        contact = _find(options["phone"])
        if not options["reason"].strip():
            raise CommandError(_("Nothing was changed: give --reason, without phones, e-mails or CPFs."))
        try:
            with transaction.atomic(durable=True):
                changed = ACTIONS[options["action"]](
                    contact_id=contact.pk, actor=options["actor"], reason=options["reason"], now=timezone.now()
                )
        except ValueError as error:
            raise CommandError(_("Nothing was changed: give --reason, without phones, e-mails or CPFs.")) from error
        words = _("Done; your name and reason are in the history.")
        self.stdout.write(words if changed else _("It already stood so; nothing was changed."))


def _find(raw: str) -> Contact:
    try:
        return Contact.objects.get(phone=phones.normalise(raw))
    except phones.InvalidPhoneError as error:
        raise CommandError(_("This is not a phone number.")) from error
    except Contact.DoesNotExist as error:
        raise CommandError(
            _("No contact has this phone. Contacts are created by enqueueing or importing them.")
        ) from error
