"""What the sandbox's own tests share: a client with its key, an ear for its webhooks, and patience with a limit."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx

KEY = "sandbox-key"
NUMBER = "5511987654321"
JID = f"{NUMBER}@s.whatsapp.net"
DEADLINE_S = 10.0


@contextmanager
def provider(url: str, *, key: str = KEY, timeout_s: float = DEADLINE_S) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers={"apikey": key}, timeout=timeout_s) as client:
        yield client


def send(client: httpx.Client, *, number: str = NUMBER, text: str = "Oi", instance: str = "julia", **more: Any):
    return client.post(f"/message/sendText/{instance}", json={"number": number, "text": text, **more})


def find(client: httpx.Client, *, jid: str = JID, from_me: bool = True, instance: str = "julia", **more: Any):
    where = {"key": {"remoteJid": jid, "fromMe": from_me}, **more.pop("where", {})}
    return client.post(f"/chat/findMessages/{instance}", json={"where": where, **more})


def texts(answer: httpx.Response) -> list[str]:
    return [record["message"]["conversation"] for record in answer.json()["messages"]["records"]]


def eventually(condition: Callable[[], Any]) -> Any:
    """Wait until the condition holds, and answer what it answered; fail after a deadline."""
    ends_at = time.monotonic() + DEADLINE_S
    while time.monotonic() < ends_at:
        if result := condition():
            return result
        time.sleep(0.005)
    raise AssertionError("it did not happen in time")


@dataclass
class Heard:
    """One webhook as it arrived."""

    at: float
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Ear:
    """Hears webhooks; answers with `statuses` in turn, and 200 when there are no more."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)

    def named(self, event: str) -> list[Heard]:
        return [heard for heard in list(self.heard) if heard.body["event"] == event]


@contextmanager
def ear(*, statuses: list[int] | None = None) -> Iterator[Ear]:
    listener = Ear(statuses=statuses or [])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status = listener.statuses.pop(0) if listener.statuses else 200
            listener.heard.append(Heard(time.monotonic(), dict(self.headers), body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        listener.url = f"http://127.0.0.1:{server.server_address[1]}/webhooks/evolution"
        try:
            yield listener
        finally:
            server.shutdown()
            thread.join()
