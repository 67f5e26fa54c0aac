"""Answers within Slack's three seconds, whatever the database and Redis do, that never claim more than is known."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from julia.slack import deadline, handover, responses, words
from julia.slack.answers import Answer
from julia.slack.deadline import LostError, NothingDoneError, OutcomeUnknownError
from julia.slack.modal import FieldError

T = TypeVar("T")

logger = logging.getLogger(__name__)

# For asking a worker, once the database has answered.
HANDOVER_S = 0.3


def of(work: Callable[[], Answer], *, response_url: str, otherwise: Callable[[], bool] | None = None) -> Answer:
    """Do work and answer in time.

    `otherwise` leaves the same to a worker when the database was too slow for it; without it nothing is done then.

    Raises:
        FieldError: as `work` does.
    """
    try:
        answer = deadline.within(work)
    except NothingDoneError:
        return _later(otherwise) if otherwise else words.nothing_done()
    except OutcomeUnknownError as error:
        error.outcome.add_done_callback(lambda outcome: _tell(outcome, response_url))
        return words.not_known()
    except FieldError:
        raise
    except LostError:
        return words.failed()
    except Exception as error:  # noqa: BLE001 - whatever it is, who asked is not left without an answer
        logger.error("A request of Slack's failed (%s).", type(error).__name__)  # noqa: TRY400 - may hold personal data
        return words.failed()
    return _watched(answer, response_url) if answer.is_watched else answer


def _later(otherwise: Callable[[], bool]) -> Answer:
    is_taken = deadline.at_most(HANDOVER_S, otherwise, otherwise=False)
    return words.under_way() if is_taken else words.nothing_done()


def _watched(answer: Answer, response_url: str) -> Answer:
    def ask() -> bool:
        return handover.follow_up(response_url=response_url)

    is_asked = deadline.at_most(HANDOVER_S, ask, otherwise=False)
    return answer if is_asked else answer.with_more(words.no_follow_up())


def _tell(outcome: Future[Any], response_url: str) -> None:
    # It may be over just now, and then this is the request's own thread: that waits for no Slack.
    deadline.at_most(0, lambda: responses.post(response_url, _late(outcome)), otherwise=False)


def _late(outcome: Future[Any]) -> Answer:
    match outcome.exception():
        case None:
            answer: Answer = outcome.result()
            return answer
        case NothingDoneError():
            return words.nothing_done()
        case _:
            return words.failed()
