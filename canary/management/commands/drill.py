"""`manage.py drill kill_switch_julia`: the playbook's exercises, on the running system."""

from __future__ import annotations

import getpass
import signal
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.table import Table

from canary import drills
from canary.drills import (
    DrillError,
    DrillImpossibleError,
    DrillRunningError,
    Outcome,
    Plan,
    ShouldStop,
    Step,
    TakenOverError,
    ToldToStopError,
)
from canary.drills.wording import STEPS
from canary.terminal import console_of

ALL = "all"
EXAMPLES = """
manage.py drill all --actor ana
manage.py drill kill_switch_julia         # pausar_julia, a mensagem espera, retomar_julia, ela sai
manage.py drill kill_switch_campaigns     # toggle_campanhas off: campanhas esperam, o resto continua
manage.py drill rollback_canary           # uma porcentagem menor retém quem fica fora, e solta de novo
manage.py drill bypass --actor ana        # ana é o login de um usuário ativo da equipe

It is done on the running system, in seconds: everybody's messages wait while a switch is off. Only the drill contact
(DRILL_PHONE) is written to. A worker must be running. Ctrl-C puts everything back; after a kill -9 the watch does,
within about a minute. It counts for the gates in the phase it ran in. Exit status: 0 passed, 1 not.
"""


class Command(BaseCommand):
    help = _("Run a drill of the playbook: switch off, check that sending stops, switch back, check that it goes on.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES
        parser.add_argument("drill", choices=[*(plan.name for plan in drills.registered()), ALL])
        parser.add_argument("--actor", default=getpass.getuser(), help=_("who, for the history (default: your login)"))

    def handle(self, **options: Any) -> None:
        plans = [plan for plan in drills.registered() if options["drill"] in {plan.name, ALL}]
        self.console = console_of(self)
        with _signals_noted() as should_stop:
            outcomes = [(plan, self._run(plan, options["actor"], should_stop)) for plan in plans]
        self.console.print(_table(outcomes))
        if not all(isinstance(outcome, Outcome) and outcome.passed for _plan, outcome in outcomes):
            raise CommandError(_("Not every drill passed."))

    def _run(self, plan: Plan, actor: str, should_stop: ShouldStop) -> Outcome | DrillError:
        self.console.print(f"[bold]{plan.title}[/bold]")
        try:
            return drills.run(
                name=plan.name, actor=actor, clock=timezone.now, on_step=self._show, should_stop=should_stop
            )
        except (DrillImpossibleError, TakenOverError, DrillRunningError) as error:
            return error
        except ValueError as error:
            problem = _("Nothing was changed: --actor names somebody, without phones, e-mails or CPFs.")
            raise CommandError(problem) from error
        except ToldToStopError as error:
            raise CommandError(str(error)) from error

    def _show(self, step: Step, details: dict[str, Any]) -> None:
        more = ", ".join(f"{key}={value}" for key, value in details.items() if value is not None)
        at = timezone.localtime(timezone.now())
        self.console.print(f"  {at:%H:%M:%S.%f}  {STEPS[step]}", f"({more})" if more else "", markup=False)


@contextmanager
def _signals_noted() -> Iterator[ShouldStop]:
    """Have SIGINT and SIGTERM noted, and not thrown into the middle of a transaction: the drill asks while it waits."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(received)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _table(outcomes: list[tuple[Plan, Outcome | DrillError]]) -> Table:
    table = Table(_("drill"), _("outcome"), _("why"))
    inconclusive, passed, failed = _("proves nothing"), _("PASSED"), _("FAILED")
    for plan, outcome in outcomes:
        if isinstance(outcome, DrillError):
            table.add_row(plan.name, f"[yellow]{inconclusive}[/yellow]", str(outcome))
        elif outcome.passed:
            table.add_row(plan.name, f"[green]{passed}[/green]", _("drill {id}").format(id=outcome.drill_id))
        else:
            table.add_row(plan.name, f"[bold red]{failed}[/bold red]", outcome.problem)
    return table
