"""`manage.py optout_corpus FILE`: how well opting out by message is understood, on phrases somebody labelled."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from rich.table import Table

from canary.terminal import console_of
from outbound.optout import wants_out

EXAMPLES = """
manage.py optout_corpus frases.tsv

Each line of a file: out<TAB>phrase, for a request to be left alone, or stay<TAB>phrase, for anything else.
make optout runs it over the corpus of the tests.
"""
OUT, STAY = "out", "stay"

Labelled = list[tuple[str, str]]


class Command(BaseCommand):
    help = _("Print precision and recall of opting out by message, and every phrase that was misread.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("files", nargs="+", type=Path, help=_("files of labelled phrases"))

    def handle(self, **options: Any) -> None:
        corpora = {path.name: _read(path) for path in options["files"]}
        table = Table(_("file"), _("phrases"), _("requests"), _("recall"), _("precision"), _("false alarms"))
        for name, phrases in corpora.items():
            table.add_row(name, *_figures(phrases))
        console = console_of(self)
        console.print(table)
        for phrases in corpora.values():
            for title, label in ((_("Missed:"), OUT), (_("False alarms:"), STAY)):
                for phrase in _misread(phrases, label):
                    console.print(f"{title} {phrase}", markup=False)


def _read(path: Path) -> Labelled:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(_("Cannot read {name}: {problem}").format(name=path, problem=error)) from error
    return [_labelled(line, number) for number, line in enumerate(lines, start=1)]


def _labelled(line: str, number: int) -> tuple[str, str]:
    label, tab, phrase = line.partition("\t")
    if not tab or label not in {OUT, STAY}:
        raise CommandError(_("Line {number}: write out or stay, a tab, and the phrase.").format(number=number))
    return label, phrase


def _misread(phrases: Labelled, label: str) -> list[str]:
    return [phrase for truth, phrase in phrases if truth == label and wants_out(phrase) != (truth == OUT)]


def _figures(phrases: Labelled) -> tuple[str, ...]:
    requests = sum(label == OUT for label, _phrase in phrases)
    understood, alarms = requests - len(_misread(phrases, OUT)), len(_misread(phrases, STAY))
    return (
        str(len(phrases)),
        str(requests),
        _share(understood, requests),
        _share(understood, understood + alarms),
        _share(alarms, len(phrases) - requests),
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2%} ({part}/{whole})" if whole else "—"
