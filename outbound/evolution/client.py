"""The Evolution API over HTTP: the only place that talks to WhatsApp's provider, and the only one with an HTTP library.

httpx is the interface, aiohttp its transport: httpx's own pool collapses under concurrency. What the transport makes of
a lost connection is read from its cause, since it calls every one of them a connect timeout, even after the request
went out.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from outbound.evolution import payloads
from outbound.evolution.outcomes import PROVIDER_ERROR, TIMEOUT, Ambiguous, NotSent, Outcome, TooLate, classify

TIMEOUTS = httpx.Timeout(connect=5.0, read=30.0, write=5.0, pool=5.0)
# Node closes an idle connection after 5 s; one reused at that very moment would make a send ambiguous.
KEEPALIVE_S = 4.0
PAGE_SIZE = 50

SURELY_NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class ProviderUnavailableError(Exception):
    """The provider did not answer a question; nothing follows from that."""


class LeaseOverError(Exception):
    """The lease no longer covers a whole request, so no message is written."""


class EvolutionClient:
    """One provider, with up to `connections` requests at a time over connections that are kept."""

    def __init__(self, *, url: str, api_key: str, connections: int) -> None:
        limits = httpx.Limits(max_connections=connections, keepalive_expiry=KEEPALIVE_S)
        self._http = httpx.AsyncClient(
            base_url=url, headers={"apikey": api_key}, timeout=TIMEOUTS, transport=AiohttpTransport(limits=limits)
        )

    async def aclose(self) -> None:
        await self._http.aclose()

    async def send_text(self, *, instance: str, phone: str, text: str, start_before: float) -> Outcome:
        """Ask for one message to be sent, once: what is made of the outcome is up to the caller.

        Nothing of the message is written once the monotonic clock has passed `start_before`.
        """
        path = f"/message/sendText/{quote(instance, safe='')}"
        body = _FencedBody(payloads.send_text(phone=phone, text=text), start_before=start_before)
        try:
            answer = await self._http.post(path, content=body, headers=body.headers)
        except httpx.HTTPError as error:
            return TooLate() if body.was_late else _without_answer(error)
        return classify(status=answer.status_code, body=_json(answer), retry_after_s=_retry_after_s(answer.headers))

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
            answer = await self._http.get(f"/instance/connectionState/{quote(instance, safe='')}")
            answer.raise_for_status()
            return payloads.is_open(answer.json())
        except (httpx.HTTPError, ValueError):
            return False

    async def _page(self, instance: str, body: dict[str, Any]) -> tuple[list[payloads.SentRecord], int]:
        try:
            answer = await self._http.post(f"/chat/findMessages/{quote(instance, safe='')}", json=body)
            answer.raise_for_status()
            return payloads.sent_records(answer.json())
        except (httpx.HTTPError, ValueError) as error:
            # The error's own words may hold the number: its kind is enough.
            raise ProviderUnavailableError(type(error).__name__) from None


class _FencedBody:
    """A JSON body that looks at the clock at the very moment it is written, after all the waiting for a connection.

    A worker that was stopped meanwhile, and its message given to another, sends the head of a request and no message.
    """

    def __init__(self, body: dict[str, Any], *, start_before: float) -> None:
        self._content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        self._start_before = start_before
        self.was_late = False
        self.headers = {"content-type": "application/json", "content-length": str(len(self._content))}

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if time.monotonic() >= self._start_before:
            self.was_late = True
            raise LeaseOverError
        yield self._content


def _without_answer(error: httpx.HTTPError) -> Outcome:
    kind = type(error.__cause__ or error).__name__
    if isinstance(error.__cause__, SURELY_NOT_CONNECTED):
        return NotSent(reason=PROVIDER_ERROR, error=f"no connection: {kind}")
    is_timeout = isinstance(error, httpx.ReadTimeout)
    return Ambiguous(reason=TIMEOUT if is_timeout else PROVIDER_ERROR, error=f"no answer: {kind}")


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _retry_after_s(headers: httpx.Headers) -> float | None:
    """Read `Retry-After`: seconds, or a date against the provider's own clock."""
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return (parsedate_to_datetime(value) - parsedate_to_datetime(headers["date"])).total_seconds()
    except (KeyError, TypeError, ValueError):
        return None
