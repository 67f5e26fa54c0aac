"""`manage.py campaigns create|import|audience|rehearse|schedule|start|pause|resume|cancel|status|results|list`."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from canary.terminal import console_of
from outbound.campaigns import audience, control, drafting, feeding, rehearsal, results, roster, wording
from outbound.campaigns.audience import Added, Filters, NotDraftError
from outbound.campaigns.drafting import DraftError
from outbound.campaigns.readiness import NotReadyError
from outbound.campaigns.states import ImpossibleMoveError
from outbound.campaigns.texts import TextError
from outbound.management import campaign_tables as tables
from outbound.methods import CampaignState, ContactKind
from outbound.models import Campaign, CampaignRecipient
from outbound.outbox import InvalidMessageError

EXAMPLES = """
1. draft      manage.py campaigns create "Plantões de sexta" --text "Oi {primeiro_nome}, plantão no {hospital}!" \\
                  --var hospital="Santa Casa" --start "2026-11-27 09:00" --hours 2 --reason "sexta sem escala"
2. audience   manage.py campaigns import "Plantões de sexta" medicos.csv --reason "lista da Ana"
              manage.py campaigns audience "Plantões de sexta" --ddd 11 --quiet-days 7 --most 100 --reason "reforço"
3. rehearse   manage.py campaigns rehearse "Plantões de sexta"           # nothing is sent: now, later, never, and why
4. run        manage.py campaigns schedule "Plantões de sexta" --reason "aprovada"    # starts by itself at its time
              manage.py campaigns start "Plantões de sexta" --reason "aprovada"       # or now, inside its window
5. watch      manage.py campaigns status "Plantões de sexta" --watch
              manage.py campaigns pause "Plantões de sexta" --reason "reclamação"     # within a second; then resume
              manage.py campaigns cancel "Plantões de sexta" --reason "vagas fechadas"
6. learn      manage.py campaigns results "Plantões de sexta"

A campaign is named by its name or its id. variables: {nome}, {primeiro_nome}, and each --var NAME=VALUE.
CSV: the first line names the columns: telefone, nome?, kind? (medico, divulgador); comma, semicolon or tab.
"""
CHANGES: dict[str, Callable[..., control.Report]] = {
    "schedule": control.schedule,
    "start": control.start,
    "pause": control.pause,
    "resume": control.resume,
    "cancel": control.cancel,
}
LOOK_EVERY_S = 1.0


class Command(BaseCommand):
    help = _("Draft, rehearse, run, pause and measure campaigns: one text to many people inside a window.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        actions = parser.add_subparsers(dest="action", required=True)
        _add_create(actions.add_parser("create", help=_("draft a campaign; nothing is sent")))
        importing = _change(actions.add_parser("import", help=_("add the people of a CSV to a draft")))
        importing.add_argument("file", type=Path)
        _add_filters(_change(actions.add_parser("audience", help=_("add contacts by filters to a draft"))))
        rehearse = actions.add_parser("rehearse", help=_("tell what would happen to everybody, without sending"))
        rehearse.add_argument("campaign")
        for name, text in (
            ("schedule", _("have it start by itself at its window's start")),
            ("start", _("start it now, inside its window")),
            ("pause", _("hold what waits, within a second")),
            ("resume", _("let what waits go on")),
            ("cancel", _("take back everything that has not left")),
        ):
            _change(actions.add_parser(name, help=text))
        status = actions.add_parser("status", help=_("tell how far it is"))
        status.add_argument("campaign")
        status.add_argument("--watch", action="store_true", help=_("go on looking until it is over"))
        actions.add_parser("results", help=_("tell what came of it")).add_argument("campaign")
        actions.add_parser("list", help=_("list the latest campaigns"))

    def handle(self, **options: Any) -> None:
        action = options["action"]
        with _errors_in_words():
            if action in CHANGES:
                self._change(CHANGES[action], options)
            else:
                getattr(self, f"_{action}")(options)

    def _create(self, options: dict[str, Any]) -> None:
        starts_at = options["start"] or timezone.now()
        campaign = drafting.create(
            name=options["campaign"],
            text=options["text"],
            variables=dict(options["var"]),
            starts_at=starts_at,
            ends_at=options["end"] or starts_at + timedelta(hours=options["hours"]),
            per_minute=options["per_minute"],
            **_who(options),
        )
        self.stdout.write(_("Drafted: {id}. Next: its audience, then a rehearsal.").format(id=campaign.pk))

    def _import(self, options: dict[str, Any]) -> None:
        campaign = _find(options["campaign"])
        try:
            people = roster.read(roster.decode(options["file"].read_bytes()))
        except OSError as error:
            raise CommandError(
                _("Cannot read {name}: {problem}").format(name=error.filename, problem=error.strerror)
            ) from error
        with self._bar(_("importing"), len(people.rows)) as advance:
            added = audience.import_rows(campaign_id=campaign.pk, people=people, on_progress=advance, **_who(options))
        self._show_added(campaign, added)

    def _audience(self, options: dict[str, Any]) -> None:
        campaign = _find(options["campaign"])
        filters = Filters(
            kind=ContactKind(options["kind"]) if options["kind"] else None,
            area_codes=tuple(options["ddd"]),
            quiet_days=options["quiet_days"],
            only_canary=options["only_canary"],
            most=options["most"],
        )
        self._show_added(campaign, audience.add_found(campaign_id=campaign.pk, filters=filters, **_who(options)))

    def _show_added(self, campaign: Campaign, added: Added) -> None:
        for row in added.bad:
            self.stderr.write(wording.of_row(row))
        total = CampaignRecipient.objects.filter(campaign=campaign).count()
        words = _("{added} added, {refused} lines added nobody; {total} people are in the audience.")
        self.stdout.write(words.format(added=added.added, refused=len(added.bad), total=total))

    def _rehearse(self, options: dict[str, Any]) -> None:
        campaign = _find(options["campaign"])
        waiting = CampaignRecipient.objects.filter(campaign=campaign, fed_at=None, left_out="").count()
        with self._bar(_("rehearsing"), waiting) as advance:
            found = rehearsal.rehearse(campaign_id=campaign.pk, now=timezone.now(), on_progress=advance)
        console_of(self).print(tables.rehearsed(found))

    def _change(self, act: Callable[..., control.Report], options: dict[str, Any]) -> None:
        campaign = _find(options["campaign"])
        report = act(campaign_id=campaign.pk, **_who(options))
        words = _("The campaign is {state}. Messages moved: {moved}. In flight: {in_flight}.")
        state = wording.STATES[report.state]
        self.stdout.write(words.format(state=state, moved=report.moved, in_flight=report.in_flight))
        if report.state is CampaignState.RUNNING:
            self._feed(campaign)

    def _feed(self, campaign: Campaign) -> None:
        waiting = CampaignRecipient.objects.filter(campaign=campaign, fed_at=None, left_out="").count()
        with self._bar(_("enqueueing"), waiting) as advance:
            for fed in feeding.feed(campaign_id=campaign.pk, clock=timezone.now):
                advance(fed.looked_at)

    def _status(self, options: dict[str, Any]) -> None:
        campaign = _find(options["campaign"])
        progress = results.progress(campaign.pk)
        with self._bar(str(campaign), progress.audience) as advance:
            advance(progress.settled)
            while options["watch"] and progress.state not in {CampaignState.DONE, CampaignState.CANCELLED}:
                Event().wait(LOOK_EVERY_S)
                before, progress = progress.settled, results.progress(campaign.pk)
                advance(progress.settled - before)
        console_of(self).print(tables.progressed(campaign, progress))

    def _results(self, options: dict[str, Any]) -> None:
        campaign = _find(options["campaign"])
        console_of(self).print(tables.resulted(campaign, results.results(campaign.pk)))

    def _list(self, _options: dict[str, Any]) -> None:
        console_of(self).print(tables.listed(Campaign.objects.order_by("-created_at")[: tables.MOST_LISTED]))

    @contextmanager
    def _bar(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=console_of(self)) as progress:
            task = progress.add_task(title, total=total)
            yield lambda count: progress.advance(task, count)


def _add_create(parser: ArgumentParser) -> None:
    _change(parser)
    parser.add_argument("--text", required=True, help=_("what is sent, with its variables in braces"))
    parser.add_argument(
        "--var", action="append", default=[], type=_variable, metavar="NAME=VALUE", help=_("a variable in it")
    )
    parser.add_argument("--start", type=_instant, help=_("its window's start, like 2026-11-27 09:00 (default: now)"))
    parser.add_argument("--end", type=_instant, help=_("when its window ends"))
    parser.add_argument(
        "--hours", type=float, default=1.0, help=_("how long its window is, instead of --end (default 1)")
    )
    parser.add_argument("--per-minute", type=int, help=_("the pace (default: as fast as the limits allow)"))


def _add_filters(parser: ArgumentParser) -> None:
    parser.add_argument("--kind", choices=list(ContactKind))
    parser.add_argument("--ddd", nargs="*", default=[], help=_("area codes, like 11 21"))
    parser.add_argument("--quiet-days", type=int, help=_("only who got nothing from us for so many days"))
    parser.add_argument("--only-canary", action="store_true", help=_("only who is inside the canary's percentage"))
    parser.add_argument("--most", type=int, help=_("so many at most, those known longest first"))


def _change(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("campaign", help=_("its name or id"))
    parser.add_argument("--reason", required=True, help=_("why, for the history"))
    parser.add_argument("--actor", default=getpass.getuser(), help=_("who, for the history (default: your login)"))
    return parser


def _who(options: dict[str, Any]) -> dict[str, Any]:
    return {"actor": options["actor"], "reason": options["reason"], "now": timezone.now()}


def _variable(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise ArgumentTypeError(_("write it as NAME=VALUE"))
    return name.strip(), value


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(_("write it like 2026-11-27 09:00")) from error
    return at if at.tzinfo else timezone.make_aware(at)


def _find(name: str) -> Campaign:
    try:
        found = Campaign.objects.filter(pk=UUID(name)).first()
    except ValueError:
        named = Campaign.objects.filter(name=name).order_by("-created_at")
        found = named.exclude(state=CampaignState.CANCELLED).first() or named.first()
    if found is None:
        raise CommandError(_("There is no such campaign; see: manage.py campaigns list"))
    return found


@contextmanager
def _errors_in_words() -> Iterator[None]:
    try:
        yield
    except TextError as error:
        raise CommandError(wording.of_text(error)) from error
    except DraftError as error:
        raise CommandError(wording.of_draft(error)) from error
    except NotReadyError as error:
        raise CommandError("\n".join(wording.of_finding(finding) for finding in error.findings)) from error
    except ImpossibleMoveError as error:
        raise CommandError(wording.of_move(error)) from error
    except NotDraftError as error:
        raise CommandError(_("Only a draft's audience changes: draft a new campaign.")) from error
    except InvalidMessageError as error:
        raise CommandError(str(error)) from error
    except ValueError as error:
        raise CommandError(_("Nothing was changed: give --reason, without phones, e-mails or CPFs.")) from error
