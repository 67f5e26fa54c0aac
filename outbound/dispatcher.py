"""The dispatcher: claims what is due, has it carried to the provider, and settles what comes of it.

One worker keeps up to `concurrency` requests in flight. While their answers arrive it settles those that have, and
claims as many as have become free, so a slow request holds up nobody but itself. What it holds survives a database that
goes away for a while: it is settled when the next draining finds it back.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError

from outbound import claims, settlement, wakeup
from outbound.claims import ClaimedMessage
from outbound.evolution.courier import Answer, Courier, Delivery, Parcel, Question
from outbound.evolution.outcomes import PROVIDER_ERROR, TIMEOUT, Ambiguous, NotSent, Outcome, Sent, TooLate
from outbound.evolution.payloads import SentRecord
from outbound.evolution.retry import ComeBackIn, RetryIn, after_attempt
from outbound.models import OutboundMessage
from outbound.phones import jid
from outbound.settlement import Settlement

# How long the loop waits for an answer before it looks again for something due.
PATIENCE_S = 0.25
# A worker is gone within 35 s of being told to stop: what has no answer by then is left to the reconciler.
GRACE_S = 32.0
# The provider's clock may differ from ours by this much.
CLOCK_SKEW = timedelta(seconds=60)

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Read the wall clock: what every worker goes by."""
    return datetime.now(UTC)  # noqa: TID251 - the worker's entry point to time


@dataclass(slots=True, kw_only=True)
class Flight:
    """A claimed message on its way: how often it was requested, when last, and when it may be requested again."""

    message: ClaimedMessage
    start_before: float
    attempts: int = 0
    attempted_at: datetime | None = None
    doubt: Ambiguous | None = None
    retry_at: float | None = None

    @property
    def id(self) -> UUID:
        return self.message.id


class Dispatcher:
    """One worker's sending side; `drain` is called again and again, `stop` ends it gracefully, `close` for good."""

    def __init__(self, *, courier: Courier, concurrency: int, clock: Clock = utc_now) -> None:
        self._courier = courier
        self._concurrency = concurrency
        self._clock = clock
        self._flights: dict[UUID, Flight] = {}
        self._answers: deque[Answer] = deque()
        self._unsettled: list[Settlement] = []
        self._stopping = threading.Event()
        self._stopped_at: float | None = None

    @classmethod
    def from_settings(cls) -> Dispatcher:
        """Build one for the configured provider."""
        courier = Courier(
            url=settings.EVOLUTION_API_URL,
            api_key=settings.EVOLUTION_API_KEY,
            connections=settings.OUTBOUND_CONCURRENCY,
        )
        return cls(courier=courier, concurrency=settings.OUTBOUND_CONCURRENCY)

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Claim nothing more and retry nothing more; safe to call from a signal handler."""
        self._stopped_at = self._stopped_at or time.monotonic()
        self._stopping.set()

    def close(self) -> None:
        """Let go of the provider's connections."""
        self._courier.close()

    def drain(self, *, seconds: float) -> int:
        """Send what is due until nothing is left, `seconds` are over, or it is stopped; answer how many were settled.

        Returns only when nothing it started is in flight any more, or when it was stopped and its grace is over.
        """
        ends_at, settled, claim_at = time.monotonic() + seconds, 0, 0.0
        while True:
            may_claim = claim_at <= time.monotonic() < ends_at and self._free > 0 and not self.is_stopping
            found = may_claim and self._claim()
            if may_claim and not found:
                claim_at = time.monotonic() + PATIENCE_S
            if not (found or self._flights or self._unsettled):
                return settled
            self._retry_due()
            # With room left and more to come, the next claim is worth more than an answer.
            self._collect(wait_s=0.0 if found and self._free > 0 else PATIENCE_S)
            if self._stopped_at is not None and time.monotonic() >= self._stopped_at + GRACE_S:
                self._give_up()
            settled += self._settle()

    @property
    def _free(self) -> int:
        return self._concurrency - len(self._flights)

    def _claim(self) -> bool:
        """Claim for what is free and request it at once; False when nothing was due."""
        claimed_at = time.monotonic()
        most = self._free
        claim = claims.take(most=most, now=self._clock())
        start_before = claimed_at + (claims.LEASE - claims.REQUEST).total_seconds()
        flights = [Flight(message=message, start_before=start_before) for message in claim.messages]
        self._flights |= {flight.id: flight for flight in flights}
        self._courier.carry([_parcel(flight) for flight in flights])
        if len(flights) == most:
            # More than this worker can hold at once: another that is idle may help.
            wakeup.wake()
        return claim.taken > 0

    def _retry_due(self) -> None:
        """Request again what waited long enough, after a fresh look at switches, contact and claim."""
        now = time.monotonic()
        waiting = [flight for flight in self._flights.values() if flight.retry_at is not None]
        due = [flight for flight in waiting if self.is_stopping or (flight.retry_at or 0) <= now]
        if self.is_stopping:
            self._unsettled += [_settlement(flight, TooLate(), at=self._clock()) for flight in due]
            due = []
        for claim_id, flights in groupby(sorted(due, key=_claim_of), key=_claim_of):
            self._request_again(claim_id, list(flights))

    def _request_again(self, claim_id: UUID, flights: list[Flight]) -> None:
        allowed = {
            message.id
            for message in claims.recheck(claim_id=claim_id, ids=[flight.id for flight in flights], now=self._clock())
        }
        for flight in flights:
            flight.retry_at = None
            if flight.id not in allowed:
                del self._flights[flight.id]
        self._courier.carry([_parcel(flight) for flight in flights if flight.id in allowed])

    def _collect(self, *, wait_s: float) -> None:
        """Take the answers there are, waiting for the first only while there is nothing better to do."""
        retries = [flight.retry_at for flight in self._flights.values() if flight.retry_at is not None]
        if self._unsettled or self._answers:
            wait_s = 0.0
        elif retries:
            wait_s = min(wait_s, max(0.0, min(retries) - time.monotonic()))
        self._answers += self._courier.answers(wait_s=wait_s)
        while self._answers:
            # Taken out when it is dealt with: what the database did not answer for is there the next time.
            self._route(self._flights[self._answers[0].id], self._answers[0])
            self._answers.popleft()

    def _route(self, flight: Flight, answer: Answer) -> None:
        if isinstance(answer, Delivery):
            outcome = self._delivered(flight, answer)
        else:
            outcome = self._judge(flight, answer.records or ())
        if outcome is None:
            return
        next_ = self._next(flight, outcome)
        if isinstance(next_, RetryIn):
            flight.retry_at = time.monotonic() + next_.delay_s
            return
        come_back_in = timedelta(seconds=next_.delay_s) if isinstance(next_, ComeBackIn) else None
        self._unsettled.append(_settlement(flight, outcome, at=self._clock(), come_back_in=come_back_in))

    def _delivered(self, flight: Flight, delivery: Delivery) -> Outcome | None:
        """Note an attempt; an ambiguous one turns into a question to the provider, and is no outcome yet."""
        if not isinstance(delivery.outcome, TooLate):
            flight.attempts += 1
            flight.attempted_at = delivery.started_at
        if not isinstance(delivery.outcome, Ambiguous):
            return delivery.outcome
        flight.doubt = delivery.outcome
        self._courier.carry([_question(flight, since=delivery.started_at, until=self._clock())])
        return None

    def _judge(self, flight: Flight, records: Iterable[SentRecord]) -> Outcome | None:
        """Find the message among what the provider lists; not finding it proves nothing, as the provider stores late.

        A record that another message has already is no evidence of this one.
        """
        candidates = [record.provider_message_id for record in records if record.text == flight.message.text]
        recorded = OutboundMessage.objects.recorded(candidates, sender_id=flight.message.sender_id)
        outcomes = (item.outcome for item in self._unsettled)
        taken = {outcome.provider_message_id for outcome in outcomes if isinstance(outcome, Sent)} | recorded
        fresh = [candidate for candidate in candidates if candidate not in taken]
        return Sent(provider_message_id=fresh[0]) if fresh else flight.doubt

    def _give_up(self) -> None:
        """Leave in doubt what has had no answer in all the time there was."""
        decided = {item.message.id for item in self._unsettled}
        late = Ambiguous(reason=TIMEOUT, error="no answer before its worker had to end")
        self._unsettled += [
            _settlement(flight, flight.doubt or late, at=self._clock())
            for flight in self._flights.values()
            if flight.id not in decided
        ]

    def _next(self, flight: Flight, outcome: Outcome) -> object:
        if not isinstance(outcome, NotSent):
            return None
        chance = random.random()  # noqa: S311 - spreads retries, guards nothing
        return after_attempt(attempt=flight.attempts, retry_after_s=outcome.retry_after_s, chance=chance)

    def _settle(self) -> int:
        """Write what came of messages; should that fail, it is kept and tried again by the next draining."""
        if not self._unsettled:
            return 0
        batch = list(self._unsettled)
        try:
            settlement.settle(batch, now=self._clock())
        except IntegrityError:
            self._settle_one_by_one(batch)
        del self._unsettled[: len(batch)]
        for item in batch:
            del self._flights[item.message.id]
        return len(batch)

    def _settle_one_by_one(self, batch: Iterable[Settlement]) -> None:
        """Settle a batch in which another worker took a provider's record first: that message stays in doubt."""
        for item in batch:
            try:
                settlement.settle([item], now=self._clock())
            except IntegrityError:
                doubt = Ambiguous(reason=PROVIDER_ERROR, error="the provider's record belongs to another message")
                settlement.settle([replace(item, outcome=doubt)], now=self._clock())


def _parcel(flight: Flight) -> Parcel:
    message = flight.message
    return Parcel(
        id=message.id,
        instance=message.instance,
        phone=message.phone,
        text=message.text,
        start_before=flight.start_before,
    )


def _question(flight: Flight, *, since: datetime, until: datetime) -> Question:
    return Question(
        id=flight.id,
        instance=flight.message.instance,
        jid=jid(flight.message.phone),
        since=since - CLOCK_SKEW,
        until=until + CLOCK_SKEW,
    )


def _settlement(flight: Flight, outcome: Outcome, *, at: datetime, come_back_in: timedelta | None = None) -> Settlement:
    return Settlement(
        message=flight.message,
        outcome=outcome,
        attempts=flight.attempts,
        attempted_at=flight.attempted_at or at,
        come_back_in=come_back_in,
    )


def _claim_of(flight: Flight) -> UUID:
    return flight.message.claim_id
