"""`manage.py canary status|promote|rollback`: the go/no-go document's table by the live system, and its two moves."""

from __future__ import annotations

import getpass
import json
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from canary import evidence, gate_words, gates, rollout
from canary.gate_tables import canary_table, gate_table
from canary.gates import Gate, Row
from canary.models import PhaseTransition
from canary.rollout import NoGoError, NotLowerError
from canary.terminal import console_of

EXAMPLES = """
manage.py canary status                                     # podemos crescer? se não: o que falta, e a partir de quando
manage.py canary status --json || echo NO-GO                # código de saída: 0 GO (ou 100% atingido), 1 NO-GO
manage.py canary promote --reason "24 h estáveis"           # para a próxima fase, uma por vez; não se força
manage.py canary rollback 10 --reason "erros do provedor"   # na hora, para qualquer porcentagem menor
"""


class Command(BaseCommand):
    help = _(
        "Show whether the canary may grow (GO / NO-GO), grow it to the next phase, or shrink it at once.\n\n"
        "Growing is refused while anything is missing, and the answer lists what, and when it can be there at the "
        "earliest. Shrinking is always allowed; what was waiting for a larger percentage is held again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("action", choices=["status", "promote", "rollback"])
        parser.add_argument("pct", nargs="?", type=int, help=_("for rollback: the percentage to shrink to (0 to 99)"))
        parser.add_argument("--reason", default="", help=_("why, for the history; needed for promote and rollback"))
        parser.add_argument("--actor", default=getpass.getuser(), help=_("who, for the history (default: your login)"))
        parser.add_argument("--json", action="store_true", help=_("one JSON object, for programs"))

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        if options["action"] != "rollback" and options["pct"] is not None:
            raise CommandError(_("Only rollback takes a percentage: promoting goes to the next phase."))
        if options["action"] == "status":
            self._status(as_json=options["json"], now=now)
            return
        try:
            moved = self._move(options, now=now)
        except NoGoError as error:
            self._show_gate(error.gate, as_json=options["json"])
            raise CommandError(_("NO-GO: nothing was changed. There is no force.")) from error
        except NotLowerError as error:
            raise CommandError(_("Nothing was changed: a rollback goes to a lower percentage, 0 at least.")) from error
        except ValueError as error:
            raise CommandError(_("Nothing was changed: give --reason, without phones, e-mails or CPFs.")) from error
        self._show_moved(moved, as_json=options["json"])

    def _move(self, options: dict[str, Any], *, now: datetime) -> PhaseTransition:
        who_and_why = {"actor": options["actor"], "reason": options["reason"]}
        if options["action"] == "promote":
            return rollout.promote(**who_and_why, now=now)
        if options["pct"] is None:
            raise CommandError(_("Name the percentage to shrink to: manage.py canary rollback 10 --reason …"))
        return rollout.rollback(to_pct=options["pct"], **who_and_why, now=now)

    def _status(self, *, as_json: bool, now: datetime) -> None:
        facts = evidence.load(now=now)
        gate = gates.evaluate(facts)
        rows = gates.table(facts, gate)
        if as_json:
            self.stdout.write(json.dumps({**gates.as_json(gate), "phases": [_row_json(row) for row in rows]}))
        else:
            console_of(self).print(canary_table(rows))
            self._show_gate(gate, as_json=False)
        if gate.target and not gate.is_go:
            sys.exit(1)

    def _show_gate(self, gate: Gate, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(gates.as_json(gate)))
        elif gate.target is None:
            self.stdout.write(_("The canary stands at {pct}%: there is nothing to grow to.").format(pct=gate.pct))
        else:
            console_of(self).print(gate_table(gate))
            self.stdout.write(_verdict(gate))

    def _show_moved(self, moved: PhaseTransition, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"from": moved.from_pct, "to": moved.to_pct}))
        else:
            words = _(
                "The canary went from {before}% to {after}%; your name, reason and the evidence are in the history."
            )
            self.stdout.write(words.format(before=moved.from_pct, after=moved.to_pct))


def _verdict(gate: Gate) -> str:
    if gate.is_go:
        return _("GO: manage.py canary promote --reason …")
    if gate.earliest_at is None or gate.earliest_at <= gate.judged_at:
        return _("NO-GO: GO is possible as soon as what is missing is done.")
    return _("NO-GO: {at} at the earliest, if nothing else happens.").format(at=gate_words.local(gate.earliest_at))


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "phase": row.phase.code,
        "pct": row.phase.pct,
        "status": "GO" if row.is_go else "NO-GO",
        "current": row.is_current,
        "prerequisites": {criterion.code: criterion.is_met for criterion in row.prerequisites},
    }
