"""What every benchmark stands on: PostgreSQL and Redis of their own, the provider sandbox, a full outbox."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
import psycopg
from django.db.backends.utils import CursorWrapper

BASE_DIR = Path(__file__).resolve().parent.parent
ROOT = BASE_DIR / ".local" / "bench"
LOGS = ROOT / "logs"
SENDERS = 4
PATIENCE_S = 300.0


def prepare(root: Path = ROOT) -> None:
    """Bring PostgreSQL and Redis of the benchmark's own under `root`, and a migrated database."""
    os.environ.update(
        {
            "EMBEDDED_ROOT": str(root),
            "BUSINESS_HOURS": "mon-sun 00:00-24:00",
            "OUTBOUND_RATE_LIMITS": "1000000/hour",
            "OUTBOUND_CONTACT_CAP": "1000000/7d",
            "OUTBOUND_ALLOWLIST": "*",
            "LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "julia.settings",
        }
    )
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DEBUG"):
        os.environ.pop(name, None)
    from julia import embedded

    embedded.start(root=root, postgres=True, redis=True)
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


@contextmanager
def filling() -> Iterator[CursorWrapper]:
    """Fill tables as their owner, for as long as it takes, and analyse them in the end."""
    from django.db import connection

    from canary.database_owner import as_owner

    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        yield cursor
        cursor.execute("VACUUM ANALYZE")


@contextmanager
def sandbox(latency_ms: int) -> Iterator[str]:
    """Run the provider in a process of its own, and answer its URL."""
    from julia import processes

    arguments = ("--any-instance", "--latency-ms", str(latency_ms))
    with processes.sandbox(*arguments, env={}, log=LOGS / "sandbox.log") as url:
        yield url


def ask(url: str) -> Any:
    """Read JSON from our own sandbox."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - our own sandbox
        return json.load(answer)


def wait_until(look: Callable[[], bool], *, what: str) -> None:
    """Wait for something, and give up with a hint."""
    ends_at = time.monotonic() + PATIENCE_S
    while not look():
        if time.monotonic() > ends_at:
            raise SystemExit(f"{what} did not come within {PATIENCE_S:.0f} s; see .local/bench/logs.")
        time.sleep(0.05)


def empty_outbox() -> None:
    """Empty the database, with senders to send from and everybody in the canary."""
    from django.core.management import call_command
    from django.db import transaction
    from django.utils import timezone

    from canary import flags
    from outbound import senders

    call_command("flush", interactive=False, verbosity=0)
    for number in range(SENDERS):
        senders.register(instance=f"bench-{number}")
    with transaction.atomic():
        flags.switch(key="outbound_canary", fields={"pct": 100}, actor="bench", reason="benchmark", now=timezone.now())


def fill_outbox(messages: int) -> None:
    """Empty the database, and have so many messages accepted, each for a doctor of its own."""
    from django.db import transaction
    from django.utils import timezone

    from benchmarks.anchors.messages import backlog
    from julia.embedded import addresses
    from outbound import contacts, outbox
    from outbound.methods import Method

    empty_outbox()
    texts = dict(backlog(messages))
    with transaction.atomic():
        ids = contacts.find_or_create([contacts.Person(phone=phone) for phone in texts])
        new = [
            outbox.NewMessage(cliente_id=ids[phone], method=Method.CAMPAIGN, text=text) for phone, text in texts.items()
        ]
        outbox.enqueue_many(new, now=timezone.now())
    with psycopg.connect(addresses.owner_url(ROOT), autocommit=True) as owner:
        owner.execute("ANALYZE")
