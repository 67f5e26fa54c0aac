"""`manage.py vagas`: the shifts that divulgadores advertise."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from rich.table import Table

from canary.terminal import console_of
from handoff import texts, vagas
from handoff.models import Vaga
from handoff.vagas import InvalidVagaError
from outbound import contacts, phones
from outbound.contacts import Person
from outbound.methods import ContactKind

EXAMPLES = """
manage.py vagas list
manage.py vagas add --hospital "Santa Casa" --date 2026-11-28 --period "noturno (19h-7h)" --value 1800 \\
    --divulgador "11 98765-4321" --name "Carlos"
"""


class Command(BaseCommand):
    help = _("List the open vagas, or register one that a divulgador advertises.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("action", choices=["list", "add"])
        parser.add_argument("--hospital", default="")
        parser.add_argument("--date", type=date.fromisoformat, help=_("YYYY-MM-DD"))
        parser.add_argument("--period", default="", help=_("as people say it: noturno, 7h-19h"))
        parser.add_argument("--value", help=_("in reais"))
        parser.add_argument("--divulgador", help=_("his phone, in any form; created if unknown"))
        parser.add_argument("--name", default="", help=_("his name, if he is new"))

    def handle(self, **options: Any) -> None:
        if options["action"] == "list":
            self._list()
            return
        missing = [name for name in ("date", "value", "divulgador") if options[name] is None]
        if missing:
            raise CommandError(_("Missing: {names}").format(names=", ".join(f"--{name}" for name in missing)))
        try:
            vaga = _register(options)
        except InvalidVagaError as error:
            raise CommandError(_("This cannot be: {field}").format(field=f"--{error.field}")) from error
        self.stdout.write(f"{vaga.pk}  {texts.shift(vaga)}")

    def _list(self) -> None:
        table = Table(_("vaga"), _("shift"), _("status"))
        for vaga in Vaga.objects.order_by("date", "hospital"):
            table.add_row(str(vaga.pk), texts.shift(vaga), vaga.status)
        console_of(self).print(table)


@transaction.atomic(durable=True)
def _register(options: dict[str, Any]) -> Vaga:
    return vagas.register(
        hospital=options["hospital"],
        day=options["date"],
        period=options["period"],
        value=_value(options["value"]),
        divulgador_id=_divulgador(options["divulgador"], options["name"]),
    )


def _value(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise InvalidVagaError("value") from error


def _divulgador(raw: str, name: str) -> UUID:
    try:
        phone = phones.normalise(raw)
    except phones.InvalidPhoneError as error:
        raise InvalidVagaError("divulgador") from error
    return contacts.find_or_create([Person(phone=phone, name=name, kind=ContactKind.DIVULGADOR)])[phone]
