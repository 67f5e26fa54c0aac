"""When a request that surely sent nothing is made again: the go/no-go document's Gap B2.

Three attempts, 0.3 s and 1 s apart (3 s where more are configured), ±20 % jitter, never before `Retry-After`. Unlike in
the document, nothing ambiguous is made again: a timeout or a 500 may have sent the message.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_ATTEMPTS = 3
DELAYS_S = (0.3, 1.0, 3.0)
JITTER = 0.2
# A longer Retry-After is waited for in the queue and not in a worker's hands.
LONGEST_WAIT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryIn:
    """Make the request again in so many seconds, the message staying in the worker's hands."""

    delay_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ComeBackIn:
    """Put the message back into the queue for so many seconds."""

    delay_s: float


class GiveUp:
    """No attempt is left."""


def after_attempt(*, attempt: int, retry_after_s: float | None, chance: float) -> RetryIn | ComeBackIn | GiveUp:
    """Say what follows attempt number `attempt` (the first is 1) that sent nothing.

    `chance` is a random number, 0 ≤ chance < 1, that spreads the delay over ±20 %.
    """
    if attempt >= MAX_ATTEMPTS:
        return GiveUp()
    if retry_after_s is not None and retry_after_s > LONGEST_WAIT_S:
        return ComeBackIn(delay_s=retry_after_s)
    delay_s = DELAYS_S[min(attempt, len(DELAYS_S)) - 1] * (1 + JITTER * (2 * chance - 1))
    return RetryIn(delay_s=max(delay_s, retry_after_s or 0.0))
