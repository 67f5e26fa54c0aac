"""`manage.py enqueue --jsonl FILE`: messages from programs, one JSON object a line."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from outbound import jsonl

EXAMPLES = """
echo '{"telefone": "11987654321", "nome": "Ana", "method": "campaign", "text": "Olá!"}' | manage.py enqueue --jsonl -
manage.py enqueue --jsonl mensagens.jsonl > respostas.jsonl

fields: telefone, nome?, kind? (medico, divulgador), method (campaign, followup, reactivation, reply, button, command,
manual, handoff), text, template_ref?, channel? (whatsapp, slack, api, job), actor_type? (human, bot, system),
actor_id?, inbound_interaction_id?, conversation_id?, bypass_reason?
answers: {"id": ..., "result": "queued" | "deduped" | "invalid", "reason"?: ...}, one a line, in the same order
"""


class Command(BaseCommand):
    help = _("Enqueue messages from JSON lines; answer one JSON line each. Exits with 1 when a line was invalid.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument(
            "--jsonl", required=True, metavar="FILE", help=_("file of JSON lines, or - for standard input")
        )

    def handle(self, **options: Any) -> None:
        invalid = 0
        with _lines(options["jsonl"]) as lines:
            for answer in jsonl.enqueue_lines(lines, clock=timezone.now):
                invalid += answer["result"] == "invalid"
                self.stdout.write(json.dumps(answer, ensure_ascii=False))
        if invalid:
            raise CommandError(_("{count} lines were invalid; the others are enqueued.").format(count=invalid))


@contextmanager
def _lines(name: str) -> Iterator[TextIO]:
    if name == "-":
        yield TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="surrogateescape")
        return
    try:
        with Path(name).open(encoding="utf-8", errors="surrogateescape") as file:
            yield file
    except OSError as error:
        raise CommandError(_("Cannot read {name}: {problem}").format(name=name, problem=error.strerror)) from error
