"""`manage.py erase PHONE --reason …`: forget a person for good, and never write to him again."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from outbound import erasure, phones

EXAMPLES = """
manage.py erase "11 98765-4321" --reason "pedido do titular, protocolo 17"

Ficam os eventos, sem dados pessoais. Nome, telefone e textos são apagados e não voltam.
"""


class Command(BaseCommand):
    help = _("Erase a person: name, phone and texts go for good, the record stays, and nobody writes to him again.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("phone", help=_("the person's phone, in any form"))
        parser.add_argument("--reason", required=True, help=_("why, for the history"))
        parser.add_argument("--actor", default=getpass.getuser(), help=_("who, for the history (default: your login)"))

    def handle(self, **options: Any) -> None:
        try:
            erased = erasure.erase(
                phone=phones.normalise(options["phone"]),
                actor=options["actor"],
                reason=options["reason"],
                now=timezone.now(),
            )
        except phones.InvalidPhoneError as error:
            raise CommandError(_("This is not a phone that can exist.")) from error
        except erasure.UnknownContactError as error:
            raise CommandError(_("No contact has this phone.")) from error
        except erasure.NotSettledError as error:
            message = _(
                "A message to this person is on its way or in doubt (manage.py unknown list): try again after it."
            )
            raise CommandError(message) from error
        except ValueError as error:
            raise CommandError(_("Leave phones, e-mails and CPFs out of --actor and --reason.")) from error
        self.stdout.write(
            _("Erased as {id}: {messages} texts to and {interactions} from this person.").format(
                id=erased.contact_id, messages=erased.messages, interactions=erased.interactions
            )
        )
