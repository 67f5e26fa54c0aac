"""Work that answers in time or not at all, whatever the database does.

The work runs on a thread, and so a connection, of its own. When its time is over its statement is cancelled, and its
transaction with it: a lock somebody holds or a slow query ends as "nothing was done". Only a database that does not
even answer a cancellation leaves us not knowing; then nobody pretends to.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Generic, TypeVar

import psycopg
from django.db import Error, connection
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled, SerializationFailure

T = TypeVar("T")

logger = logging.getLogger(__name__)

# Slack waits 3 s for an answer; the network, and a machine that is busy, want some of them.
PATIENCE_S = 1.5
# For the database to take a cancellation, and as long again for the work to end by it.
CANCELLATION_S = 0.3
# After these PostgreSQL has rolled the transaction back.
ROLLED_BACK = (QueryCanceled, LockNotAvailable, DeadlockDetected, SerializationFailure)


class NothingDoneError(RuntimeError):
    """The database did not let the work happen in time: nothing has changed, and nothing will."""


class LostError(RuntimeError):
    """The connection broke in the midst of the work: nobody will ever know what became of it."""


class OutcomeUnknownError(RuntimeError):
    """The time is over, and nobody knows yet what became of the work; `outcome` will, if it ever ends."""

    def __init__(self, outcome: Future[Any]) -> None:
        super().__init__("the outcome is not known yet")
        self.outcome = outcome


class _Attempt(Generic[T]):
    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._outcome: Future[T] = Future()
        self._begins = threading.Lock()
        self._is_given_up = False
        self._session: psycopg.Connection[Any] | None = None
        # A thread that hangs in a dead network keeps no process from ending.
        threading.Thread(target=self._run, name="slack", daemon=True).start()

    def result(self) -> T:
        futures.wait([self._outcome], timeout=PATIENCE_S)
        if not self._outcome.done():
            self._give_up()
        if not self._outcome.done():
            raise OutcomeUnknownError(self._outcome)
        return self._outcome.result()

    def _run(self) -> None:
        try:
            self._begin()
            outcome = self._work()
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits for it
            self._finish()
            self._outcome.set_exception(self._meaning(error))
        else:
            self._finish()
            self._outcome.set_result(outcome)

    def _begin(self) -> None:
        connection.ensure_connection()
        with self._begins:
            if self._is_given_up:
                raise NothingDoneError
            self._session = connection.connection

    def _finish(self) -> None:
        with suppress(Error, psycopg.Error):
            connection.close()

    def _meaning(self, error: BaseException) -> BaseException:
        if not isinstance(error, Error):
            return error
        logger.warning("The database did not do what Slack asked for (%s).", type(error).__name__)
        if self._session is None or isinstance(error.__cause__, ROLLED_BACK):
            return NothingDoneError()
        return LostError()

    def _give_up(self) -> None:
        with self._begins:
            self._is_given_up = True
        if self._session is None:
            # Still connecting: it will not begin any more.
            raise NothingDoneError
        with suppress(Error, psycopg.Error):
            self._session.cancel_safe(timeout=CANCELLATION_S)
        futures.wait([self._outcome], timeout=CANCELLATION_S)


def within(work: Callable[[], T]) -> T:
    """Do work with the database in about 2 s at most, and answer what it answers or raise what it raises.

    What changes something must be the last thing `work` does with the database, in one transaction.

    Raises:
        NothingDoneError: when the database was away, locked or slow; nothing has changed.
        OutcomeUnknownError: when the database fell silent in the midst of it.
        LostError: when it went away in the midst of it.
    """
    return _Attempt(work).result()


def at_most(seconds: float, work: Callable[[], T], *, otherwise: T) -> T:
    """Wait so long for work that needs no database, which goes on by itself after that; answer `otherwise` then.

    What it raises is logged by its kind, and answers `otherwise`, too.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except Exception as error:  # noqa: BLE001 - whatever went wrong, nobody waits for it any more
            logger.warning("Something for Slack failed (%s).", type(error).__name__)
            outcome.set_result(otherwise)

    threading.Thread(target=run, name="slack", daemon=True).start()
    futures.wait([outcome], timeout=seconds)
    return outcome.result() if outcome.done() else otherwise
