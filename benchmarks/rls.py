"""What row-level security costs the send path: the same batches, side by side, as production runs and without it.

    python -m benchmarks.rls [--rounds 60] [--batch 100]

One database as `manage.py migrate` leaves it, used as `julia_app`; another whose tables have no row-level security,
used as their owner. Rounds alternate, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from datetime import UTC, datetime
from typing import Any

import psycopg

from benchmarks import rig

WITHOUT = "julia_without_rls"
DISABLE = """
    SELECT format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', c.oid::regclass)
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""
STEPS = ("enqueue", "claim", "settle")
# The first rounds warm caches and plans.
WARM_UP = 5


def main() -> None:
    """Measure, and print the medians and what is between them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--batch", type=int, default=100)
    options = parser.parse_args()
    rig.prepare()
    prepare_without()
    took: dict[tuple[str, str], list[float]] = {}
    for number in range(options.rounds + WARM_UP):
        for arm in ("with", "without") if number % 2 else ("without", "with"):
            connect(arm)
            times = cycle(options.batch, number)
            if number >= WARM_UP:
                for step, seconds in times.items():
                    took.setdefault((arm, step), []).append(seconds)
    report(took)


def prepare_without() -> None:
    """Make the other database anew, and take row-level security out of it; empty the one that has it."""
    from django.core.management import call_command
    from django.db import connection

    from julia.embedded import addresses

    call_command("flush", interactive=False, verbosity=0)
    with psycopg.connect(addresses.owner_url(rig.ROOT), autocommit=True) as owner:
        owner.execute(f"DROP DATABASE IF EXISTS {WITHOUT} WITH (FORCE)")
        owner.execute(f"CREATE DATABASE {WITHOUT}")
    connection.settings_dict["NAME"] = WITHOUT
    call_command("migrate", verbosity=0)
    with psycopg.connect(addresses.owner_url(rig.ROOT), dbname=WITHOUT, autocommit=True) as owner:
        for (statement,) in owner.execute(DISABLE).fetchall():
            owner.execute(statement)
    for arm in ("with", "without"):
        connect(arm)
        from canary.models import FeatureFlag

        FeatureFlag.objects.filter(key="outbound_canary").update(value={"pct": 100})


def connect(arm: str) -> None:
    """Use the one database or the other, as who works there."""
    from django.db import connection

    from julia.embedded import addresses

    name, user = (addresses.DATABASE, addresses.APPLICATION) if arm == "with" else (WITHOUT, addresses.OWNER)
    connection.close()
    connection.settings_dict.update({"NAME": name, "USER": user})
    connection.ensure_connection()


def cycle(batch: int, number: int) -> dict[str, float]:
    """Enqueue a batch to new contacts, claim it and settle it, and answer how long each step took, in seconds."""
    from django.db import transaction

    from outbound import claims, contacts, outbox, settlement
    from outbound.evolution.outcomes import Sent
    from outbound.methods import Method
    from outbound.settlement import Settlement

    people = [contacts.Person(phone=f"55119{60000000 + number * batch + n}") for n in range(batch)]
    with transaction.atomic():
        ids = contacts.find_or_create(people)
    now, clock = datetime.now(UTC), Stopwatch()
    new = [outbox.NewMessage(cliente_id=id_, method=Method.CAMPAIGN, text="Olá") for id_ in ids.values()]
    with transaction.atomic():
        outbox.enqueue_many(new, now=now)
    clock.lap("enqueue")
    claim = claims.take(most=batch, now=datetime.now(UTC))
    clock.lap("claim")
    assert len(claim.messages) == batch
    at = datetime.now(UTC)
    done = [
        Settlement(message=message, outcome=Sent(provider_message_id=str(message.id)), attempts=1, attempted_at=at)
        for message in claim.messages
    ]
    clock.lap("")
    settlement.settle(done, now=at)
    clock.lap("settle")
    return {step: clock.laps[step] for step in STEPS}


class Stopwatch:
    """Tells how long each lap took."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._at = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name], self._at = now - self._at, now


def report(took: dict[tuple[str, str], list[float]]) -> None:
    """Print medians in milliseconds, and the median of what each round cost more."""
    sums: dict[str, Any] = {
        arm: [sum(row) for row in zip(took[arm, "claim"], took[arm, "settle"], strict=True)]
        for arm in ("with", "without")
    }
    rows = [(step, took["with", step], took["without", step]) for step in STEPS]
    rows.append(("claim + settle", sums["with"], sums["without"]))
    print(f"medians of {len(sums['with'])} rounds, {os.cpu_count()} cores shared with PostgreSQL")
    for name, with_, without in rows:
        a, b = statistics.median(with_) * 1000, statistics.median(without) * 1000
        print(f"{name:>15}: {a:7.2f} ms with, {b:7.2f} ms without: {a / b - 1:+.1%}")


if __name__ == "__main__":
    main()
