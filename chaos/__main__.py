"""The command: runs scenarios side by side, and prints what came of each and of its sabotaged twin."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

import chaos
from chaos.scenarios import FULL, SCENARIOS, SHORT, Scenario, Size
from chaos.verdict import Verdict
from chaos.world import ChaosError, World, make_template, new_world
from julia.embedded.locks import try_exclusive

ROOT = Path(__file__).resolve().parent.parent / ".local" / "chaos"
SEEDS = (1, 2, 3, 4, 5)
# "Everything settled within 120 s of the last kill."
PATIENCE_S = 120.0
# A twin that forgets messages is given so long; one that doubles them, until it does.
FORGETTING_S = 30.0
COUNTS = ("accepted", "delivered", "lost", "doubled", "wrong", "leaked", "parked", "held", "unsettled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One scenario with one seed, sabotaged or not."""

    scenario: Scenario
    seed: int
    is_twin: bool

    @property
    def name(self) -> str:
        return f"{self.scenario.name}-{self.seed}" + ("-twin" if self.is_twin else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a run: `error` says that it could not be carried out."""

    run: Run
    verdict: Verdict | None = None
    settled_in_s: float = 0.0
    said: str = ""
    error: str = ""

    @property
    def is_as_it_should_be(self) -> bool:
        if self.verdict is None:
            return False
        if self.run.is_twin:
            return self.verdict.count(self.run.scenario.breaks) > 0
        return self.verdict.holds(may_park=self.run.scenario.may_park)


def main() -> int:
    """Run what is asked for; the exit status is 0 when every promise held and every twin was caught."""
    options = _options()
    size = FULL if options.full else SHORT
    chosen = [scenario for scenario in SCENARIOS if scenario.name in (options.scenario or _names())]
    runs = _runs(chosen, seeds=SEEDS if options.full else SEEDS[:1], seed=options.seed)
    # Wide enough for the table where there is no terminal to ask, as in CI.
    console = Console(width=None if sys.stdout.isatty() else 180)
    ROOT.mkdir(parents=True, exist_ok=True)
    if try_exclusive(ROOT / "run.lock") is None:
        console.print("Another chaos run is under way in this checkout: wait for its end.")
        return 2
    make_template(ROOT)
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(max_workers=options.jobs) as pool:
        for finished in as_completed([pool.submit(carry_out, run, size) for run in runs]):
            outcomes.append(finished.result())
            console.print(_line(outcomes[-1]))
    console.print(report(sorted(outcomes, key=lambda outcome: runs.index(outcome.run))))
    return 0 if all(outcome.is_as_it_should_be for outcome in outcomes) else 1


def carry_out(run: Run, size: Size) -> Outcome:
    """Bring up a world, disturb it, wait until it has settled, and judge."""
    scenario = run.scenario
    limit = scenario.limit(size) if scenario.limit else None
    try:
        with new_world(
            ROOT / run.name,
            seed=run.seed,
            sabotage=scenario.guard.__name__ if run.is_twin else None,
            concurrency=scenario.concurrency,
            limit=limit,
            provider={**scenario.provider, **(scenario.twin_provider if run.is_twin else {})},
        ) as world:
            scenario.run(world, size)
            verdict, settled_in_s = _watch(world, run)
            said = "" if run.is_twin else scenario.tell(world, size)
            return Outcome(run=run, verdict=verdict, settled_in_s=settled_in_s, said=said)
    except ChaosError as error:
        return Outcome(run=run, error=str(error))


def _watch(world: World, run: Run) -> tuple[Verdict, float]:
    """Wait until everything has settled, or too long, or something went wrong that cannot be mended."""
    scenario, began_at = run.scenario, time.monotonic()
    patience_s = FORGETTING_S if run.is_twin and scenario.breaks == "unsettled" else PATIENCE_S
    while True:
        verdict, waited_s = world.verdict(may_park=scenario.may_park), time.monotonic() - began_at
        is_over = verdict.is_settled and waited_s >= scenario.watch_s
        if is_over or verdict.doubled or waited_s > patience_s:
            return verdict, waited_s
        time.sleep(1)


def report(outcomes: Sequence[Outcome]) -> Table:
    """Show every run in a row."""
    table = Table(title="Chaos", show_lines=False)
    table.add_column("run", no_wrap=True)
    table.add_column("what happened", ratio=1)
    for count in COUNTS:
        table.add_column(count, justify="right")
    table.add_column("settled in", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for outcome in outcomes:
        table.add_row(*_cells(outcome))
    return table


def _cells(outcome: Outcome) -> tuple[str, ...]:
    verdict = outcome.verdict
    if verdict is None:
        return (outcome.run.name, outcome.error, *[""] * (len(COUNTS) + 1), "[red]not carried out[/red]")
    good, bad = ("caught", "not caught") if outcome.run.is_twin else ("held", "broken")
    word = f"[green]{good}[/green]" if outcome.is_as_it_should_be else f"[red]{bad}[/red]"
    what = outcome.run.scenario.guard.__name__ if outcome.run.is_twin else outcome.run.scenario.shows
    said = f"{what}: {outcome.said}" if outcome.said else what
    counts = (str(verdict.count(count)) for count in COUNTS)
    return (outcome.run.name, said, *counts, f"{outcome.settled_in_s:.0f} s", word)


def _line(outcome: Outcome) -> str:
    cells = _cells(outcome)
    return f"{time.strftime('%H:%M:%S')} {cells[0]}: {cells[-1]} {outcome.said or outcome.error}"


def _runs(scenarios: Sequence[Scenario], *, seeds: Sequence[int], seed: int | None) -> list[Run]:
    """The killing with every seed, the rest with one; and one twin of each."""
    first = seed if seed is not None else seeds[0]
    runs = []
    for scenario in scenarios:
        numbers = seeds if scenario.name == "kills" and seed is None else [first]
        runs += [Run(scenario=scenario, seed=number, is_twin=False) for number in numbers]
        runs.append(Run(scenario=scenario, seed=first, is_twin=True))
    return runs


def _names() -> list[str]:
    return [scenario.name for scenario in SCENARIOS]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m chaos", description=chaos.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="2,000 messages, five seeds, outages at full length")
    parser.add_argument("--scenario", action="append", choices=_names(), help="only this one; may be repeated")
    parser.add_argument("--seed", type=int, help="one seed for everything (default 1; the killing 1 to 5 when full)")
    parser.add_argument("--jobs", type=int, help="runs side by side (default 12; 4 when full, which is mostly work)")
    options = parser.parse_args()
    options.jobs = options.jobs or (4 if options.full else 12)
    return options


if __name__ == "__main__":
    sys.exit(main())
