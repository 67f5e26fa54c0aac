"""`manage.py story MESSAGE_ID`: all that happened to a message, from what it answers to what came back."""

from __future__ import annotations

import json
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.markup import escape
from rich.table import Column, Table

from canary.terminal import console_of
from outbound import story, story_words
from outbound.story import Story

EXAMPLES = """
manage.py story 066b501f-67ef-4ad4-988d-4af3600d191d
manage.py story 066b501f-67ef-4ad4-988d-4af3600d191d 0a3c2d1e-… --json
"""


class Command(BaseCommand):
    help = _("Tell what happened to messages: waits with their reasons, sends, webhooks, answers. No text, no phone.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("messages", nargs="+", type=UUID, metavar="MESSAGE_ID", help=_("the message's id"))
        parser.add_argument("--json", action="store_true", help=_("one JSON object a line, for programs"))

    def handle(self, **options: Any) -> None:
        told = story.tell(options["messages"], now=timezone.now())
        for id_ in dict.fromkeys(options["messages"]):
            if id_ in told:
                self._show(told[id_], as_json=options["json"])
        missing = [str(id_) for id_ in options["messages"] if id_ not in told]
        if missing:
            raise CommandError(_("No message has this id: {ids}").format(ids=", ".join(missing)))

    def _show(self, one: Story, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(_as_json(one), default=str, ensure_ascii=False))
            return
        span = Column("", justify="right", no_wrap=True)
        table = Table(Column(_("when"), no_wrap=True), span, _("what"), _("details"))
        for line in story_words.lines(one):
            table.add_row(line.at, line.after, line.title, escape(line.detail))
        console = console_of(self)
        console.print(f"[bold]{one.message.pk}[/bold]  {one.telefone_prefix}…  {escape(story_words.stands(one))}")
        console.print(table)


def _as_json(one: Story) -> dict[str, Any]:
    return {
        "message_id": str(one.message.pk),
        "telefone_prefix": one.telefone_prefix,
        "status": one.message.status,
        "reason": one.message.reason,
        "moments": [
            {"at": moment.at, "what": moment.what}
            | {name: fact for name, fact in moment.facts.items() if fact is not None}
            for moment in one.moments
        ],
    }
