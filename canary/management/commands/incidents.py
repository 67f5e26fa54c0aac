"""`manage.py incidents`: what went wrong, what the system did about it, and a person's word that it is over."""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.table import Table

from canary import incidents
from canary.incident_kinds import Happening
from canary.incident_wording import HAPPENINGS, describe
from canary.incidents import AlreadyResolvedError
from canary.models import Incident
from canary.personal_data import PersonalDataError
from canary.terminal import console_of

EXAMPLES = """
manage.py incidents list                  # o que está aberto; --all mostra também os resolvidos
manage.py incidents show 12               # a linha do tempo, e o que fazer
manage.py incidents acknowledge 12        # eu cuido disto
manage.py incidents resolve 12 --note "instância reconectada pelo QR code"

Resolving switches nothing on: resume Julia with manage.py killswitch julia on --reason … (retomar_julia).
"""
MOST = 50


class Command(BaseCommand):
    help = _("List incidents, show one with its timeline, say that you take care of it, or resolve it with a note.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("action", choices=["list", "show", "acknowledge", "resolve"])
        parser.add_argument("incident", nargs="?", type=int, help=_("the incident's number"))
        parser.add_argument("--note", default="", help=_("what it was and what was done; needed to resolve"))
        parser.add_argument("--all", action="store_true", help=_("with those that are resolved"))
        parser.add_argument("--actor", default=getpass.getuser(), help=_("who, for the history (default: your login)"))

    def handle(self, **options: Any) -> None:
        if options["action"] == "list":
            self._list(with_resolved=options["all"])
            return
        if options["incident"] is None:
            raise CommandError(_("Name the incident by its number; see: manage.py incidents list"))
        try:
            self._do(**options)
        except Incident.DoesNotExist as error:
            raise CommandError(_("There is no such incident; see: manage.py incidents list --all")) from error
        except AlreadyResolvedError as error:
            raise CommandError(_("Nothing was changed: it is resolved already.") + f" {error}") from error
        except PersonalDataError as error:
            raise CommandError(_("Nothing was changed: leave phones, e-mails and CPFs out of it.")) from error
        except ValueError as error:
            problem = _("Nothing was changed: it takes a person (--actor), and to resolve a --note.")
            raise CommandError(problem) from error

    def _do(self, *, action: str, incident: int, note: str, actor: str, **_options: Any) -> None:
        if action == "show":
            self._show(Incident.objects.get(pk=incident))
        elif action == "acknowledge":
            is_first = incidents.acknowledge(incident_id=incident, actor=actor, now=timezone.now())
            self.stdout.write(_("It is yours.") if is_first else _("Somebody takes care of it already."))
        else:
            incidents.resolve(incident_id=incident, actor=actor, note=note, now=timezone.now())
            self.stdout.write(_("Resolved. Nothing was switched on by that."))

    def _list(self, *, with_resolved: bool) -> None:
        found = Incident.objects.all() if with_resolved else Incident.objects.filter(resolved_at=None)
        table = Table(_("number"), _("severity"), _("incident"), _("opened at"), _("last seen at"), _("state"))
        for incident in found.order_by("-opened_at")[:MOST]:
            table.add_row(
                str(incident.pk),
                incident.severity,
                f"{describe(incident.kind).title} ({' '.join(filter(None, [incident.kind, incident.subject]))})",
                _local(incident.opened_at),
                _local(incident.last_seen_at),
                _state(incident),
            )
        if table.row_count:
            console_of(self).print(table)
        else:
            self.stdout.write(_("No incident is open."))

    def _show(self, incident: Incident) -> None:
        console, description = console_of(self), describe(incident.kind)
        console.print(f"{incident.severity} {description.title} ({incident.kind} {incident.subject})", markup=False)
        console.print(_("What to do: {action}").format(action=description.action), markup=False)
        console.print(_("State: {state}").format(state=_state(incident)), markup=False)
        table = Table(_("when"), _("who"), _("what"), _("details"))
        for line in incident.timeline.all():
            details = json.dumps(line.details, ensure_ascii=False) if line.details else ""
            table.add_row(_local(line.at), line.actor, str(HAPPENINGS.get(line.what, line.what)), details)
        console.print(table)


def _state(incident: Incident) -> str:
    if incident.resolved_at:
        return _("resolved by {who}: {note}").format(who=incident.resolved_by, note=incident.note)
    taken = incident.timeline.filter(what=Happening.ACKNOWLEDGED).first()
    return _("open, {who} takes care of it").format(who=taken.actor) if taken else _("open")


def _local(at: datetime) -> str:
    return f"{timezone.localtime(at):%d/%m %H:%M:%S}"
