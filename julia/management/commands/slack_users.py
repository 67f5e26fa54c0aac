"""`manage.py slack_users bind U0ANA ana --role operator`: who may use the console in Slack."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.table import Table

from canary.personal_data import PersonalDataError
from canary.terminal import console_of
from julia.access import Level, level_of
from julia.slack import identities
from julia.slack.identities import InvalidIdentityError
from julia.slack.models import SlackIdentity

EXAMPLES = """
manage.py slack_users list
manage.py slack_users bind U061F7AUR ana --role operator    # viewer | operator | admin
manage.py slack_users unbind U061F7AUR
"""


class Command(BaseCommand):
    help = _("Tell which Slack user is which of our users, and with which role. Who is not bound may do nothing.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("action", choices=["list", "bind", "unbind"])
        parser.add_argument("slack_user_id", nargs="?", default="", help=_("as Slack's profile shows it (member ID)"))
        parser.add_argument("username", nargs="?", default="", help=_("the user of the admin"))
        parser.add_argument("--role", choices=list(Level), default=Level.VIEWER.value)
        parser.add_argument("--actor", default=getpass.getuser(), help=_("who, for the history (default: your login)"))

    def handle(self, **options: Any) -> None:
        match options["action"]:
            case "bind":
                self._bind(options)
            case "unbind":
                self._unbind(options)
            case _:
                self._list()

    def _bind(self, options: dict[str, Any]) -> None:
        user = get_user_model().objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(_("There is no user {name}; create one in the admin.").format(name=options["username"]))
        try:
            identities.bind(
                slack_user_id=options["slack_user_id"],
                user=user,
                level=Level(options["role"]),
                actor=options["actor"],
                now=timezone.now(),
            )
        except InvalidIdentityError as error:
            raise CommandError(_("This is no Slack user id; it looks like U061F7AUR.")) from error
        except PersonalDataError as error:
            raise CommandError(
                _("A user name goes into events and may be no e-mail, phone or CPF: rename the user first.")
            ) from error
        if not user.is_staff:
            self.stdout.write(_("To send past the rules (enviar), the user must be staff, too."))

    def _unbind(self, options: dict[str, Any]) -> None:
        if not identities.unbind(slack_user_id=options["slack_user_id"], actor=options["actor"], now=timezone.now()):
            raise CommandError(_("Nobody is bound to this Slack user."))

    def _list(self) -> None:
        table = Table(_("Slack user"), _("user"), _("role"), _("bound by"))
        for identity in SlackIdentity.objects.select_related("user").order_by("user__username"):
            table.add_row(
                identity.slack_user_id, identity.user.get_username(), level_of(identity.user) or "-", identity.bound_by
            )
        console_of(self).print(table)
