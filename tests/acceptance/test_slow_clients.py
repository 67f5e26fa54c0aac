"""A web process as the Procfile runs it, over raw sockets: clients that dawdle, stop in the middle or speak no HTTP
keep nobody else from being answered, and what is no request is refused without a word about us.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from julia import processes
from tests.integration.julia.test_garbage import rows

# Far more than the two workers have threads.
DAWDLERS = 40
ANSWERED_WITHIN_S = 5.0
POST = b"POST /webhooks/evolution/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture
def address(outbox_ready: None, process_env: dict[str, str], tmp_path: Path) -> Iterator[tuple[str, int]]:
    with processes.web(env=process_env, log=tmp_path / "web.log") as url:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        yield parts.hostname, parts.port


def send(address: tuple[str, int], request: bytes) -> bytes:
    """Send bytes as they are, and answer all that comes back until the server closes or is silent for 5 s."""
    with socket.create_connection(address, timeout=ANSWERED_WITHIN_S) as client:
        answer = b""
        try:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            while chunk := client.recv(65536):
                answer += chunk
        except (TimeoutError, ConnectionError):
            pass
        return answer


def is_alive(address: tuple[str, int]) -> float:
    """How many seconds a request of somebody else takes."""
    started_at = time.monotonic()
    with urlopen(f"http://{address[0]}:{address[1]}/healthz", timeout=ANSWERED_WITHIN_S) as answer:
        assert json.load(answer) == {"alive": True}
    return time.monotonic() - started_at


BEGUN = [
    b"",  # connects and says nothing
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",  # stops in a header
    POST + b"Content-Length: 1000\r\n\r\n{",  # stops in the body
    POST + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{",
    b"POST /slack/commands HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
]


def test_others_are_answered_while_clients_dawdle(address: tuple[str, int]) -> None:
    for begun in BEGUN:
        with ExitStack() as stack:
            for _ in range(DAWDLERS):
                stack.enter_context(socket.create_connection(address)).sendall(begun)

            assert max(is_alive(address) for _ in range(3)) < ANSWERED_WITHIN_S, begun


def test_who_does_not_come_to_an_end_is_cut_off(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=15) as dawdler:
        dawdler.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: ")

        assert dawdler.recv(1000) == b""


def test_a_request_in_pieces_is_answered_as_one(address: tuple[str, int]) -> None:
    body = b"text=" + b"a" * 5000
    request = b"POST /slack/commands HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with socket.create_connection(address, timeout=ANSWERED_WITHIN_S) as client:
        for start in range(0, len(request), 700):
            client.sendall(request[start : start + 700])

        assert client.recv(100).startswith(b"HTTP/1.1 401 ")


def test_who_asks_whether_to_go_on_is_told(address: tuple[str, int]) -> None:
    head = b"POST /slack/commands HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n"
    with socket.create_connection(address, timeout=ANSWERED_WITHIN_S) as client:
        client.sendall(head)
        assert client.recv(100).startswith(b"HTTP/1.1 100 ")

        client.sendall(b"text=a")

        answer = b""
        while chunk := client.recv(1000):
            answer += chunk
        assert b"HTTP/1.1 401 " in answer


def test_a_file_nobody_asked_for_is_refused_unread(address: tuple[str, int]) -> None:
    head = b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000000\r\nContent-Type: "
    for kind, status in ((b"multipart/form-data; boundary=x", b"413"), (b"application/x-www-form-urlencoded", b"403")):
        with socket.create_connection(address, timeout=ANSWERED_WITHIN_S) as client:
            client.sendall(head + kind + b"\r\n\r\n--x\r\n")

            assert client.recv(100).startswith(b"HTTP/1.1 " + status)


NO_REQUESTS = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",  # TLS
    b"\x00" * 5000,
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 500 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX\x00Y: z\r\n\r\n",
    POST + b"Content-Length: -1\r\n\r\n{}",
    POST + b"Content-Length: x\r\n\r\n{}",
    POST + b"Content-Length: 2\r\nContent-Length: 200\r\n\r\n{}",  # which one counts? (smuggling)
    POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
]
REQUESTS = [
    b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n",
    POST + b"Content-Length: 999999999999\r\n\r\n{}",  # says that it is far too large
    POST + b"Content-Length: 2\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\nConnection: close\r\n\r\n{}",
    POST + b"Content-Length: 2\r\nContent-Type: text/xml\r\nConnection: close\r\n\r\n{}",
    b"BREW /handoff/confirm HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    b"GET http://elsewhere.example/admin/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
]


def test_what_is_no_request_is_refused_without_a_word_about_us(address: tuple[str, int], tmp_path: Path) -> None:
    before = rows()

    answers = {request[:60]: send(address, request) for request in (*NO_REQUESTS, *REQUESTS)}

    statuses = {request: answer.split(b" ")[1:2] for request, answer in answers.items()}
    assert {request: status for request, status in statuses.items() if status and status[0] >= b"500"} == {}
    for answer in answers.values():
        assert b"Traceback" not in answer
        assert b"django" not in answer.lower()
    assert rows() == before
    assert is_alive(address) < ANSWERED_WITHIN_S
