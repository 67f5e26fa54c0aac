"""Gunicorn's threaded worker, which gives a thread to a request only once all of it is here.

Gunicorn hands a connection to a thread with its first byte, and the thread then waits for the rest as long as the
client likes: eight clients that stop in the middle of a header kept everybody else from stopping Julia. Here the loop
that accepts collects what arrives, of all connections at once, and closes those that are not done in time.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

# From connecting to the last byte: far above what a webhook or a form takes.
COMPLETE_WITHIN_S = 10.0
# What is longer is handed over as it is: gunicorn refuses such headers, and Django such a body, without reading it.
LONGEST_HEADERS = 64 * 1024
LONGEST_BODY = 2**20
AT_ONCE = 64 * 1024
END_OF_HEADERS = b"\r\n\r\n"
END_OF_CHUNKS = b"0\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)


class Arriving:
    """What has arrived of one request; whether that is all is asked with every packet, so nothing is read twice."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.headers = b""
        self._body_at = 0
        self._length: int | None = None

    def add(self, data: bytes) -> None:
        unsearched = max(len(self.received) - len(END_OF_HEADERS) + 1, 0)
        self.received += data
        if not self.headers and (end := self.received.find(END_OF_HEADERS, unsearched)) >= 0:
            self._body_at = end + len(END_OF_HEADERS)
            self.headers = bytes(self.received[: self._body_at])
            length = LENGTH.search(self.headers)
            self._length = None if CHUNKED.search(self.headers) else int(length[1]) if length else 0

    @property
    def is_complete(self) -> bool:
        """Whether it is all here, or will be refused without the rest."""
        if not self.headers:
            return len(self.received) > LONGEST_HEADERS
        so_far = len(self.received) - self._body_at
        if self._length is None:
            return self.received.endswith(END_OF_CHUNKS) or so_far > LONGEST_BODY
        return so_far >= self._length or self._length > LONGEST_BODY


class PatientWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """Waits for whole requests. It expects `keepalive = 0`: each connection carries one."""

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, client, address, listener.getsockname())
        conn.arriving = Arriving()
        # Gunicorn closes those of `pending_conns` whose time is over.
        conn.timeout = time.monotonic() + COMPLETE_WITHIN_S
        self.pending_conns.append(conn)
        self.poller.register(client, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: Any, client: socket.socket) -> None:
        data = _read(client)
        if data is None:
            return
        had_headers = bool(conn.arriving.headers)
        conn.arriving.add(data)
        if data and not conn.arriving.is_complete:
            if not had_headers and EXPECTS.search(conn.arriving.headers):
                with suppress(OSError):
                    client.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        self._hand_over(conn)

    def _hand_over(self, conn: Any) -> None:
        if not conn.arriving.received:  # it connected, said nothing and left
            self.nr_conns -= 1
            conn.close()
            return
        conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
        conn.parser.unreader.unread(bytes(conn.arriving.received))
        conn.initialized = conn.data_ready = True
        self.enqueue_req(conn)


def _read(client: socket.socket) -> bytes | None:
    """What has come, nothing when there will be no more, None when there is nothing yet."""
    try:
        return client.recv(AT_ONCE)
    except BlockingIOError:
        return None
    except OSError:
        return b""
