"""The Evolution API over HTTP: the only place that talks to WhatsApp's provider, and the only one with an HTTP library.

aiohttp itself: a request through httpx over it takes three times the processor time (`docs/benchmarks.md`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from yarl import URL

from outbound.evolution import payloads
from outbound.evolution.outcomes import PROVIDER_ERROR, TIMEOUT, Ambiguous, NotSent, Outcome, TooLate, classify

# `connect` is the wait for a free connection, and for its making, too.
TIMEOUTS = aiohttp.ClientTimeout(total=None, connect=5.0, sock_connect=5.0, sock_read=30.0)
# Node closes an idle connection after 5 s; one reused at that very moment would make a send ambiguous.
KEEPALIVE_S = 4.0
PAGE_SIZE = 50

SURELY_NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class ProviderUnavailableError(Exception):
    """The provider did not answer a question; nothing follows from that."""


class LeaseOverError(Exception):
    """The lease no longer covers a whole request, so no message is written."""


class EvolutionClient:
    """One provider, with up to `connections` requests at a time over connections that are kept.

    It belongs to the event loop in which it is made, and is closed in it.
    """

    def __init__(self, *, url: str, api_key: str, connections: int) -> None:
        self._url = url.rstrip("/")
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=KEEPALIVE_S),
            headers={"apikey": api_key},
            timeout=TIMEOUTS,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def aclose(self) -> None:
        await self._http.close()

    async def send_text(self, *, instance: str, phone: str, text: str, start_before: float) -> Outcome:
        """Ask for one message to be sent, once: what is made of the outcome is up to the caller.

        Nothing of the message is written once the monotonic clock has passed `start_before`.
        """
        body = _FencedBody(payloads.send_text(phone=phone, text=text), start_before=start_before)
        try:
            # A redirected POST would be a second one.
            async with self._http.post(
                self._address("message/sendText", instance), data=body, allow_redirects=False
            ) as answer:
                said = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            return TooLate() if body.was_late else _without_answer(error)
        return classify(status=answer.status, body=_json(said), retry_after_s=_retry_after_s(answer.headers))

    async def find_sent(
        self, *, instance: str, jid: str, since: datetime, until: datetime
    ) -> list[payloads.SentRecord]:
        """List what the provider says we sent to a JID between two instants, newest first.

        Raises:
            ProviderUnavailableError: when there is no answer to read.
        """
        records: list[payloads.SentRecord] = []
        page, pages = 1, 1
        while page <= pages:
            body = payloads.find_messages(jid=jid, since=since, until=until, page=page, page_size=PAGE_SIZE)
            found, pages = await self._page(instance, body)
            records += found
            page += 1
        return records

    async def is_connected(self, *, instance: str) -> bool:
        """Whether the provider says that an instance is connected to WhatsApp; no answer counts as no."""
        try:
            return payloads.is_open(await self._ask("GET", self._address("instance/connectionState", instance)))
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return False

    async def _page(self, instance: str, body: dict[str, Any]) -> tuple[list[payloads.SentRecord], int]:
        try:
            answer = await self._ask("POST", self._address("chat/findMessages", instance), json=body)
            return payloads.sent_records(answer)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            # The error's own words may hold the number: its kind is enough.
            raise ProviderUnavailableError(type(error).__name__) from None

    async def _ask(self, method: str, address: URL, **body: Any) -> Any:
        async with self._http.request(method, address, allow_redirects=False, **body) as answer:
            if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
                raise ValueError(f"HTTP {answer.status}")
            return json.loads(await answer.read())

    def _address(self, what: str, instance: str) -> URL:
        return URL(f"{self._url}/{what}/{quote(instance, safe='')}", encoded=True)


class _FencedBody(aiohttp.BytesPayload):
    """A JSON body that looks at the clock at the very moment it is written, after all the waiting for a connection.

    A worker that was stopped meanwhile, and its message given to another, sends the head of a request and no message.
    """

    def __init__(self, body: Mapping[str, Any], *, start_before: float) -> None:
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        super().__init__(content, content_type="application/json")
        self._start_before = start_before
        self.was_late = False

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        if time.monotonic() >= self._start_before:
            self.was_late = True
            raise LeaseOverError
        await super().write_with_length(writer, content_length)


def _without_answer(error: Exception) -> Outcome:
    kind = type(error).__name__
    if isinstance(error, SURELY_NOT_CONNECTED):
        return NotSent(reason=PROVIDER_ERROR, error=f"no connection: {kind}")
    return Ambiguous(reason=TIMEOUT if isinstance(error, TimeoutError) else PROVIDER_ERROR, error=f"no answer: {kind}")


def _json(said: bytes) -> Any:
    try:
        return json.loads(said)
    except ValueError:
        return None


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Read `Retry-After`: seconds, or a date against the provider's own clock."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return (parsedate_to_datetime(value) - parsedate_to_datetime(headers["date"])).total_seconds()
    except (KeyError, TypeError, ValueError):
        return None
