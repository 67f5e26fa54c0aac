"""What a sabotaged run does without: a guard is taken out of the process before it runs its command.

Each function here undoes one thing the product does for safety, from outside: the product itself has no switch for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

# Longer than the provider takes to answer.
FORGETS_IN_S = 2.0
QUEUE_AT_ONCE = """
    UPDATE outbound_messages SET status = 'queued', claim_id = NULL, lease_until = NULL, claimed_at = NULL
    WHERE status = 'sending' AND claimed_at < %(now)s::timestamptz - interval '2 seconds'
"""


def requeue_without_proof() -> None:
    """A message whose worker died is queued again at once, as queues usually do."""
    from django.db import connection

    from outbound import reconciler

    def park_expired(*, now: datetime) -> int:
        with connection.cursor() as cursor:
            cursor.execute(QUEUE_AT_ONCE, {"now": now})
            return int(cursor.rowcount)

    reconciler.park_expired = park_expired
    reconciler.reconcile = _then_wake(reconciler.reconcile)


def forget_what_failed() -> None:
    """A worker that lost the database forgets what it had in flight, and what it held is queued again at once."""
    from django.db import Error

    from outbound.dispatcher import Dispatcher

    def drain(self: Any, *, seconds: float) -> int:
        try:
            return honest(self, seconds=seconds)
        except Error:
            # First what is in flight comes to its end: an answer to what is forgotten would stop the worker for good.
            ends_at = time.monotonic() + FORGETS_IN_S
            while time.monotonic() < ends_at:
                self._courier.answers(wait_s=0.1)
            self._flights.clear()
            self._unsettled.clear()
            self._answers.clear()
            raise

    honest, Dispatcher.drain = Dispatcher.drain, drain  # type: ignore[method-assign]
    requeue_without_proof()


def retry_when_in_doubt() -> None:
    """A request without a clear answer is made again, as HTTP clients usually do."""
    from outbound.evolution.client import EvolutionClient
    from outbound.evolution.outcomes import Ambiguous, NotSent, Outcome

    async def send_text(self: Any, **what: Any) -> Outcome:
        outcome = await honest(self, **what)
        return NotSent(reason=outcome.reason, error=outcome.error) if isinstance(outcome, Ambiguous) else outcome

    honest, EvolutionClient.send_text = EvolutionClient.send_text, send_text  # type: ignore[method-assign]


def believe_nothing_found() -> None:
    """Not finding a message in the provider's list counts as proof that it did not leave; no answer as well."""
    from outbound import evidence
    from outbound.evidence import Absent, Found

    def weigh(*, provider_message_id: str | None, **_facts: Any) -> Found | Absent:
        return Found(provider_message_id=provider_message_id) if provider_message_id else Absent()

    evidence.weigh = weigh


def never_look_again() -> None:
    """Only wake-ups make messages leave: there is no sweep for what they miss."""
    from outbound import sweep

    sweep.sweep = lambda *, now: 0  # noqa: ARG005 - as it is called


def drop_the_fence() -> None:
    """A worker that comes back late sends what it held, whoever has it now."""
    from outbound import claims
    from outbound.claims import ClaimedMessage
    from outbound.evolution import client

    held: dict[Any, ClaimedMessage] = {}

    def take(**what: Any) -> Any:
        claim = honest_take(**what)
        held.update({message.id: message for message in claim.messages})
        return claim

    honest_take, claims.take = claims.take, take
    claims.recheck = lambda *, claim_id, ids, now: [held[id_] for id_ in ids]  # noqa: ARG005 - as it is called
    honest_body = client._FencedBody.__init__
    client._FencedBody.__init__ = (  # type: ignore[method-assign]
        lambda self, body, *, start_before: honest_body(self, body, start_before=float("inf"))  # noqa: ARG005
    )


GUARDS: dict[str, Callable[[], None]] = {
    guard.__name__: guard
    for guard in (
        requeue_without_proof,
        forget_what_failed,
        retry_when_in_doubt,
        believe_nothing_found,
        never_look_again,
        drop_the_fence,
    )
}


def _then_wake(reconcile: Callable[..., Any]) -> Callable[..., Any]:
    from outbound import wakeup

    def reconciling(**when: Any) -> Any:
        result = reconcile(**when)
        wakeup.wake()
        return result

    return reconciling
