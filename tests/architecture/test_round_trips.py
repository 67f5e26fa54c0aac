"""Issue 2, "How good": a send costs at most four database round trips per batch, whatever the batch.

A proxy between psycopg and PostgreSQL counts what a client waits for the server after: Sync, Flush and simple Query of
the frontend protocol. No statement can come back without one of them. Measured against a proxy that held every answer
back for 100 ms, the count is the time it takes.
"""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from outbound import claims, settlement
from outbound.evolution.outcomes import Sent
from outbound.guardrails.limits import parse_limits
from outbound.models import OutboundMessage
from outbound.settlement import Settlement
from tests.factories import outbound as make

SOCKET = ".s.PGSQL.5432"
# Sync and Query, and a Flush that asks for more than a Sync just before it did.
SYNC, FLUSH, QUERY = b"SHQ"
CHUNK = 1 << 16


class CountingProxy:
    """Listens where a PostgreSQL would, passes everything on, and counts what asks for an answer."""

    def __init__(self, *, folder: Path, server: Path) -> None:
        self.count = 0
        self._last = 0
        self._server = server
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen()
        self._sockets = [self._listener]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=10)
        for one in self._sockets:
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            self._sockets += [client, server]
            server.connect(str(self._server / SOCKET))
            pair = [
                threading.Thread(target=self._pass_on, args=(client, server, True)),
                threading.Thread(target=self._pass_on, args=(server, client, False)),
            ]
            self._threads += pair
            for thread in pair:
                thread.start()

    def _pass_on(self, from_: socket.socket, to: socket.socket, counts: bool) -> None:  # noqa: FBT001 - a thread's
        unread, is_startup = b"", True
        # Either side may hang up first: that ends both directions.
        with suppress(OSError):
            while data := from_.recv(CHUNK):
                if counts:
                    unread, is_startup = self._read(unread + data, is_startup=is_startup)
                to.sendall(data)
        for side in (from_, to):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def _read(self, data: bytes, *, is_startup: bool) -> tuple[bytes, bool]:
        """Count whole messages: a letter, then a length that counts itself; the very first has no letter."""
        while True:
            letter = 0 if is_startup else 1
            if len(data) < letter + 4:
                return data, is_startup
            length = int.from_bytes(data[letter : letter + 4], "big") + letter
            if len(data) < length:
                return data, is_startup
            if not is_startup:
                self._count(data[0])
            data, is_startup = data[length:], False

    def _count(self, letter: int) -> None:
        if letter in {SYNC, QUERY} or (letter == FLUSH and self._last != SYNC):
            self.count += 1
        self._last = letter


@pytest.fixture
def proxy(outbox_ready: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[CountingProxy]:
    """Have this test's own connection go through the proxy."""
    host = Path(connection.settings_dict["HOST"])
    if not (host / SOCKET).exists():
        pytest.skip("counts on a Unix socket only")
    with tempfile.TemporaryDirectory(prefix="pgproxy") as folder:
        counting = CountingProxy(folder=Path(folder), server=host)
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "HOST", folder)
        try:
            connection.ensure_connection()
            yield counting
        finally:
            connection.close()
            monkeypatch.undo()
            counting.close()


def _claim_and_settle(size: int, proxy: CountingProxy) -> int:
    """Queue and send a batch; answer how many round trips claiming and settling it cost."""
    queued_at = datetime.now(UTC)
    for _ in range(size):
        make.queued(make.contact(), now=queued_at)
    before = proxy.count
    claim = claims.take(most=size, now=datetime.now(UTC))
    assert len(claim.messages) == size
    done = [
        Settlement(
            message=message,
            outcome=Sent(provider_message_id=f"{message.id}"),
            attempts=1,
            attempted_at=datetime.now(UTC),
        )
        for message in claim.messages
    ]
    settlement.settle(done, now=datetime.now(UTC))
    return proxy.count - before


def test_the_proxy_counts_a_plain_query_as_one(proxy: CountingProxy) -> None:
    before = proxy.count

    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchone() == (1,)

    assert proxy.count - before == 3


def test_a_batch_costs_four_round_trips_at_most_whatever_its_size(proxy: CountingProxy, settings: Any) -> None:
    settings.OUTBOUND_RATE_LIMITS = parse_limits("1000/hour")
    one = _claim_and_settle(1, proxy)
    fifty = _claim_and_settle(50, proxy)

    assert one == fifty <= 4
    assert OutboundMessage.objects.filter(status="sent").count() == 51


def test_a_batch_of_which_some_are_refused_costs_no_more(proxy: CountingProxy) -> None:
    now = datetime.now(UTC)
    for n in range(20):
        make.queued(make.contact(opted_out_at=now if n % 2 else None), now=now)
    before = proxy.count

    claim = claims.take(most=20, now=datetime.now(UTC))

    assert len(claim.messages) == 10
    assert proxy.count - before <= 2
