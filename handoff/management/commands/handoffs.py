"""`manage.py handoffs`: the bridges that wait, the oldest first, and a person's word about one."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.table import Table

from canary.terminal import console_of
from handoff import acceptance, charts, metrics, operating, texts
from handoff.acceptance import NeedsPerson, Opened
from handoff.models import ExternalHandoff, Vaga
from handoff.operating import Order
from handoff.transitions import ImpossibleChangeError, NoSuchHandoffError
from outbound import phones
from outbound.models import Contact
from outbound.outbox import InvalidMessageError

EXAMPLES = """
manage.py handoffs list                                     # o que espera, os mais antigos primeiro
manage.py handoffs list --older-than 24
manage.py handoffs accept VAGA "11 98765-4321" --reason "aceitou por telefone"
manage.py handoffs expire ID --reason "divulgador sumiu"    # a vaga reabre, os dois são avisados
manage.py handoffs revert ID --reason "clicou por engano"   # de uma confirmada: a vaga reabre, os dois são avisados
manage.py handoffs confirm ID --reason "combinado por telefone"
manage.py handoffs refuse ID --reason "não se acertaram"
manage.py handoffs --plot ponte.png --days 30               # taxa e tempo de confirmação, por dia
"""


class Command(BaseCommand):
    help = _("List the bridges that wait, open or end one, take back a confirmation, or draw how they went.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("action", nargs="?", default="list", choices=["list", "accept", *Order])
        parser.add_argument("id", nargs="?", type=UUID, help=_("the bridge's id; of the vaga, to accept it"))
        parser.add_argument("doctor", nargs="?", help=_("the doctor's phone, to accept a vaga for him"))
        parser.add_argument(
            "--older-than", type=float, default=0, metavar="HOURS", help=_("only those older, in hours")
        )
        parser.add_argument("--reason", default="", help=_("why, for the history"))
        parser.add_argument("--actor", default=getpass.getuser(), help=_("who, for the history (default: your login)"))
        parser.add_argument("--plot", type=Path, metavar="FILE", help=_("draw the charts into a PNG file"))
        parser.add_argument("--days", type=int, default=30, help=_("how many days the charts show (default: 30)"))

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        if options["plot"]:
            self._plot(options["plot"], days=options["days"], now=now)
        elif options["action"] == "list":
            self._list(older_than=timedelta(hours=options["older_than"]), now=now)
        elif options["id"] is None:
            raise CommandError(_("Name the bridge by its id; see: manage.py handoffs list"))
        elif options["action"] == "accept":
            self._accept(options, now=now)
        else:
            self._order(options, now=now)

    def _list(self, *, older_than: timedelta, now: datetime) -> None:
        table = Table(_("bridge"), _("age"), _("status"), _("shift"), _("expires at"), _("note"))
        for handoff in ExternalHandoff.objects.waiting(older_than=older_than, now=now).select_related("vaga"):
            expires_at = timezone.localtime(handoff.expires_at).strftime("%d/%m %H:%M")
            age = f"{(now - handoff.created_at).total_seconds() / 3600:.1f} h"
            table.add_row(str(handoff.pk), age, handoff.status, texts.shift(handoff.vaga), expires_at, handoff.note)
        console_of(self).print(table)

    def _accept(self, options: dict[str, Any], *, now: datetime) -> None:
        try:
            doctor = Contact.objects.get(phone=phones.normalise(options["doctor"] or ""))
            result = acceptance.accept(
                vaga_id=options["id"], doctor_id=doctor.pk, actor=options["actor"], reason=options["reason"], now=now
            )
        except (Contact.DoesNotExist, Vaga.DoesNotExist, phones.InvalidPhoneError) as error:
            raise CommandError(_("There is no such vaga, or no contact with this phone.")) from error
        except InvalidMessageError as error:
            raise CommandError(str(error)) from error
        except ValueError as error:
            raise CommandError(_("Nothing was changed: give --reason, without phones, e-mails or CPFs.")) from error
        match result:
            case Opened(id=handoff_id, contacts_at=at):
                when = timezone.localtime(at).strftime("%d/%m %H:%M:%S")
                self.stdout.write(_("{id}: both are written to at {when}.").format(id=handoff_id, when=when))
            case NeedsPerson(id=handoff_id, reason=why):
                self.stdout.write(_("{id}: a person is needed ({reason}).").format(id=handoff_id, reason=why))
            case refused:
                raise CommandError(_("No bridge was opened: {reason}").format(reason=refused.reason))

    def _order(self, options: dict[str, Any], *, now: datetime) -> None:
        who = {"actor": options["actor"], "reason": options["reason"], "now": now}
        try:
            with transaction.atomic(durable=True):
                operating.carry_out(Order(options["action"]), handoff_id=options["id"], **who)
        except NoSuchHandoffError as error:
            raise CommandError(_("There is no bridge with this id; see: manage.py handoffs list")) from error
        except ImpossibleChangeError as error:
            raise CommandError(_("Nothing was changed: the bridge is {status}.").format(status=error.status)) from error
        except ValueError as error:
            raise CommandError(_("Nothing was changed: give --reason, without phones, e-mails or CPFs.")) from error
        self.stdout.write(_("Done; your name and reason are in the history."))

    def _plot(self, file: Path, *, days: int, now: datetime) -> None:
        found = metrics.by_day(since=now - timedelta(days=days), until=now)
        try:
            charts.plot(found, to=file)
        except OSError as error:
            raise CommandError(_("Cannot write {name}: {problem}").format(name=file, problem=error)) from error
        self.stdout.write(_("{name}: {count} days with bridges.").format(name=file, count=len(found)))
