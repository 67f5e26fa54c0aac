"""What goes wrong: each scenario disturbs a world while it sends, and names the guard its twin runs without."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from chaos import sabotage
from chaos.world import LOOK_EVERY_S, ChaosError, World

ROLLED_BACK = """
from django.db import transaction
from django.utils import timezone
from outbound import contacts, outbox
from outbound.methods import Method
try:
    with transaction.atomic():
        ids = contacts.find_or_create([contacts.Person(phone="5511960000000")])
        message = outbox.NewMessage(cliente_id=ids["5511960000000"], method=Method.CAMPAIGN, text="Nunca")
        outbox.enqueue(message, now=timezone.now())
        raise ZeroDivisionError
except ZeroDivisionError:
    pass
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of it there is: the short version runs in CI, the full one on demand."""

    messages: int
    few: int
    outage_s: float
    restarts: int
    hits: int


# Workers take so long to begin on a machine that does much else.
START_S = 300.0
QUIET_S = 3.0
Breakage = Literal["doubled", "unsettled"]
SHORT = Size(messages=300, few=120, outage_s=8, restarts=4, hits=2)
FULL = Size(messages=2000, few=600, outage_s=30, restarts=10, hits=10)


def nothing(_world: World, _size: Size) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One promise tried: `run` sends and disturbs, and `tell` says in the end what there is to say about it.

    - `guard`: what its twin runs without; `breaks`: what that must lead to.
    - `twin_provider`: what is worse for the twin, where a slow machine would spare it what its guard is there for.
    - `limit`: the share of its messages that the hourly limit lets through, if it is low enough to be met.
    - `watch_s`: how long to look on at least, where waiting shows something.
    """

    name: str
    shows: str
    run: Callable[[World, Size], None]
    guard: Callable[[], None]
    breaks: Breakage = "doubled"
    tell: Callable[[World, Size], str] = nothing
    provider: Mapping[str, Any] = field(default_factory=dict)
    twin_provider: Mapping[str, Any] = field(default_factory=dict)
    concurrency: int = 32
    limit: Callable[[Size], int] | None = None
    may_park: bool = False
    watch_s: float = 0.0


def kills(world: World, size: Size) -> None:
    """Kill a random worker every 0.3 to 1.5 s while everything goes out."""
    world.enqueue(size.messages)
    world.start_cron()
    workers = world.start_workers(4)
    world.wait_for(lambda: bool(world.sandbox.delivered()), seconds=START_S, what="sending")
    while world.by_status().get("queued", 0):
        time.sleep(world.random.uniform(0.3, 1.5))
        at_work = [worker for worker in workers if world.is_at_work(worker)]
        if at_work:
            unlucky = world.random.choice(at_work)
            world.kill(unlucky)
            workers.remove(unlucky)
            workers += world.start_workers(1)


def hits(world: World, size: Size) -> str:
    """Count the kills that hit a request in flight: each leaves one message that only the provider's list can prove."""
    (row,) = world.query("SELECT count(*) AS proved FROM business_events WHERE event_props->>'proved_by' = 'provider'")
    if row["proved"] < size.hits:
        raise ChaosError(f"only {row['proved']} kills hit a request in flight: this run tried too little")
    return f"{row['proved']} kills hit a request in flight"


def doubt(world: World, size: Size) -> None:
    """Let the provider's faults strike."""
    world.enqueue(size.few)
    world.start_cron()
    world.start_workers(2)
    # Failures in a row rightly open the circuit for 60 s, and for twice as long with each probe that fails.
    world.wait_for(lambda: len(world.sandbox.requests()) >= size.few, seconds=600, what="asking for all")


def outcomes(world: World, _size: Size) -> str:
    """Count what the provider made of the requests."""
    outcomes = world.sandbox.stats()["outcomes"]
    return ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))


def redis_outages(world: World, size: Size) -> None:
    """Freeze Redis, make it forget, and kill it, while messages come in and go out, and while none may."""
    world.start_cron()
    world.start_workers(2)
    world.enqueue(size.few)
    with world.redis_frozen():
        world.enqueue(size.few)
        time.sleep(size.outage_s)
    world.flush_redis()
    with world.campaigns_off():
        world.enqueue(size.few)
        with world.redis_dead():
            time.sleep(size.outage_s / 2)
    with world.redis_dead():
        _wait_until_quiet(world)
        world.enqueue(size.few)
        time.sleep(size.outage_s / 2)


def postgres_restarts(world: World, size: Size) -> None:
    """Restart PostgreSQL under load, gently and as if it had crashed, by turns; and once while nothing may leave."""
    world.enqueue(size.messages)
    world.start_cron()
    world.start_workers(2)
    for number in range(size.restarts):
        _wait_for_sending(world)
        world.restart_postgres(mode="immediate" if number % 2 else "fast")
    with world.campaigns_off():
        world.restart_postgres(mode="immediate")
        time.sleep(size.outage_s / 2)


def frozen_worker(world: World, size: Size) -> None:
    """Stop a worker past its lease with messages in its hands, and let it go on when another has sent them."""
    world.enqueue(size.few)
    world.sandbox.set_faults([f"status503=1:first={size.few}:retry_after=4"])
    (frozen,) = world.start_workers(1)
    world.wait_for(lambda: bool(world.sandbox.requests()), seconds=START_S, what="sending")
    frozen.send_signal(signal.SIGSTOP)
    world.sandbox.set_faults([])
    world.start_cron()
    world.start_workers(1)
    world.wait_for(lambda: world.by_status().get("sent", 0) == size.few, seconds=150, what="sending by the other")
    frozen.send_signal(signal.SIGCONT)
    time.sleep(5)


def torn(world: World, size: Size) -> None:
    """Accept messages while nobody can be woken, and take back others before they are accepted."""
    with world.redis_dead():
        world.enqueue(size.few)
        world.run("shell", "-c", ROLLED_BACK)
    world.start_cron()
    world.start_workers(1)


def _wait_for_sending(world: World) -> None:
    """An outage nobody is sending in tries nothing."""
    asked = len(world.sandbox.requests())
    world.wait_for(lambda: len(world.sandbox.requests()) > asked, seconds=START_S, what="sending again")


def _wait_until_quiet(world: World) -> None:
    """Who is still sending would take what is accepted now along, and need nobody to tell him."""
    asked, since = 0, time.monotonic()
    while time.monotonic() - since < QUIET_S:
        if (now := len(world.sandbox.requests())) != asked:
            asked, since = now, time.monotonic()
        time.sleep(LOOK_EVERY_S)


# The longest first, so that they begin first.
SCENARIOS = (
    Scenario(
        name="kills",
        shows="kill -9 of a random worker every 0.3 to 1.5 s",
        run=kills,
        tell=hits,
        concurrency=1,
        guard=sabotage.requeue_without_proof,
        provider={"latency_ms": 20},
    ),
    Scenario(
        name="frozen",
        shows="a worker stopped past its lease, and continued",
        run=frozen_worker,
        guard=sabotage.drop_the_fence,
    ),
    Scenario(
        name="timeouts",
        shows="20 % of requests time out after acceptance",
        run=doubt,
        tell=outcomes,
        guard=sabotage.retry_when_in_doubt,
        provider={"faults": ["timeout_after=0.2"]},
    ),
    Scenario(
        name="blind",
        shows="the provider's list is unavailable: parked, not resent",
        run=doubt,
        tell=outcomes,
        guard=sabotage.believe_nothing_found,
        provider={"faults": ["reset_after=0.15", "no_list"]},
        may_park=True,
        # Longer than proof of absence takes where the provider does answer.
        watch_s=65,
    ),
    Scenario(
        name="redis",
        shows="Redis frozen, flushed and killed under load",
        run=redis_outages,
        limit=lambda size: size.few * 4 - size.few // 4,
        guard=sabotage.never_look_again,
        breaks="unsettled",
        provider={"latency_ms": 20},
    ),
    Scenario(
        name="postgres",
        shows="PostgreSQL restarted under load, fast and immediate",
        run=postgres_restarts,
        guard=sabotage.forget_what_failed,
        # Slow enough for every restart to come while messages go out.
        concurrency=2,
        limit=lambda size: size.messages - size.messages // 10,
        provider={"latency_ms": 20},
    ),
    Scenario(
        name="lag",
        shows="the provider's list lags 5 s behind resets",
        run=doubt,
        tell=outcomes,
        guard=sabotage.believe_nothing_found,
        provider={"faults": ["reset_after=0.15"], "lag_ms": 5000},
        twin_provider={"lag_ms": 30_000},
    ),
    Scenario(
        name="resets",
        shows="15 % of requests reset after acceptance",
        run=doubt,
        tell=outcomes,
        guard=sabotage.retry_when_in_doubt,
        provider={"faults": ["reset_after=0.15"]},
    ),
    Scenario(
        name="errors",
        shows="15 % of requests answered 500 after acceptance",
        run=doubt,
        tell=outcomes,
        guard=sabotage.retry_when_in_doubt,
        provider={"faults": ["status500_after=0.15"]},
    ),
    Scenario(
        name="torn",
        shows="Redis down at commit, and transactions rolled back",
        run=torn,
        guard=sabotage.never_look_again,
        breaks="unsettled",
    ),
)
