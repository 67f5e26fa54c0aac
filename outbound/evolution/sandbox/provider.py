"""The provider's routes. Who is refused is refused in its order: unknown instance, wrong key, bad body, no WhatsApp."""

from __future__ import annotations

import asyncio
import math
import socket
import struct
import time
from collections.abc import Iterable
from http import HTTPStatus
from itertools import islice
from typing import Any

from aiohttp import web

from outbound.evolution.sandbox import answers, schemas
from outbound.evolution.sandbox.answers import Refusal
from outbound.evolution.sandbox.books import ACCEPTED, Asked
from outbound.evolution.sandbox.faults import Fault, Kind
from outbound.evolution.sandbox.jids import jid_of
from outbound.evolution.sandbox.messages import Message
from outbound.evolution.sandbox.schemas import ListRequest, TextRequest
from outbound.evolution.sandbox.state import OPEN, SandboxState

# How often a request that is never answered looks whether anybody still waits for it.
HANG_CHECK_S = 0.1
# On, and zero seconds: closing a socket so resets the connection instead of saying goodbye.
RESET_ON_CLOSE = struct.pack("ii", 1, 0)

WITHOUT_END = frozenset({Kind.TIMEOUT_BEFORE, Kind.TIMEOUT_AFTER})
WITHOUT_ANSWER = WITHOUT_END | {Kind.RESET_BEFORE, Kind.RESET_AFTER}
FROM_PROXY = {
    Kind.STATUS502: HTTPStatus.BAD_GATEWAY,
    Kind.STATUS502_AFTER: HTTPStatus.BAD_GATEWAY,
    Kind.STATUS503: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.STATUS429: HTTPStatus.TOO_MANY_REQUESTS,
}


def routes(state: SandboxState) -> list[web.RouteDef]:
    """List the provider's routes over a sandbox's state."""
    provider = _Provider(state)
    return [
        web.post("/message/sendText/{instance}", provider.send_text),
        web.post("/chat/findMessages/{instance}", provider.find_messages),
        web.post("/chat/whatsappNumbers/{instance}", provider.whatsapp_numbers),
        web.get("/instance/connectionState/{instance}", provider.connection_state),
    ]


class _Provider:
    def __init__(self, state: SandboxState) -> None:
        self._state = state

    async def send_text(self, request: web.Request) -> web.Response:
        asked = self._state.books.open(instance=request.match_info["instance"], now=time.time())
        try:
            return await self._send(request, asked)
        except Refusal as refusal:
            self._state.books.decide(asked, refusal.outcome)
            return refusal.answer
        finally:
            self._state.books.close()

    async def find_messages(self, request: web.Request) -> web.Response:
        try:
            instance = self._admit(request)
            asked = schemas.list_request(await schemas.read_json(request))
        except Refusal as refusal:
            return refusal.answer
        except ValueError:
            return answers.error(HTTPStatus.INTERNAL_SERVER_ERROR, "Invalid Date")
        self._state.lists += 1
        if self._state.faults.strike_list(jid=asked.jid):
            return answers.internal_error()
        return answers.as_json(self._page(instance, asked, now=time.time()))

    async def whatsapp_numbers(self, request: web.Request) -> web.Response:
        try:
            self._admit(request)
            numbers = schemas.numbers(await schemas.read_json(request))
        except Refusal as refusal:
            return refusal.answer
        return answers.as_json([self._looked_up(number) for number in numbers])

    async def connection_state(self, request: web.Request) -> web.Response:
        try:
            instance = self._admit(request)
        except Refusal as refusal:
            return refusal.answer
        return answers.as_json({"instance": {"instanceName": instance, "state": self._state.connection(instance)}})

    def _admit(self, request: web.Request) -> str:
        """Check the instance, and only then the key."""
        instance = request.match_info["instance"]
        if self._state.connection(instance) is None:
            raise answers.unknown_instance(instance)
        if request.headers.get("apikey") != self._state.config.api_key:
            raise answers.unauthorized()
        return instance

    async def _send(self, request: web.Request, asked: Asked) -> web.Response:
        self._admit(request)
        body = await schemas.read_json(request)
        asked.number = str(body.get("number", ""))
        wanted = schemas.text_request(body)
        # Before the message leaves, as the provider's own time is: who hangs up meanwhile does not stop it.
        if wait_s := self._state.latency_s + wanted.delay_s:
            await asyncio.sleep(wait_s)
        jid = jid_of(wanted.number)
        if not self._state.is_on_whatsapp(jid):
            raise answers.not_on_whatsapp(jid=jid, number=wanted.number)
        self._refuse_when_closed(asked.instance, jid)
        fault = self._state.faults.strike_send(jid=jid)
        if fault is None:
            self._state.books.decide(asked, ACCEPTED)
            return answers.sent(self._accept(asked.instance, wanted, jid))
        self._state.books.decide(asked, fault.kind)
        return await self._fail(request, fault, asked.instance, wanted, jid)

    def _refuse_when_closed(self, instance: str, jid: str) -> None:
        """Refuse while WhatsApp is not connected: in the send routine, or before it for a number not in the cache."""
        if self._state.connection(instance) == OPEN:
            return
        is_cached = self._state.store.knows(instance=instance, jid=jid)
        answer = answers.wrapped_failure() if is_cached else answers.internal_error()
        raise Refusal(outcome="connection_closed", answer=answer)

    def _accept(self, instance: str, wanted: TextRequest, jid: str, *, is_stored: bool = True) -> Message:
        return self._state.accept(
            instance=instance, number=wanted.number, jid=jid, text=wanted.text, is_stored=is_stored
        )

    async def _fail(
        self, request: web.Request, fault: Fault, instance: str, wanted: TextRequest, jid: str
    ) -> web.Response:
        if fault.is_after:
            self._accept(instance, wanted, jid, is_stored=fault.is_stored)
        if fault.kind in WITHOUT_ANSWER:
            await _hang(request, seconds=fault.hang_s if fault.kind in WITHOUT_END else 0)
            return _hang_up(request)
        if fault.kind in FROM_PROXY:
            return answers.from_proxy(FROM_PROXY[fault.kind], retry_after_s=fault.retry_after_s)
        is_wrapped = fault.kind in {Kind.WRAPPED400_BEFORE, Kind.WRAPPED400_AFTER}
        return answers.wrapped_failure() if is_wrapped else answers.internal_error()

    def _looked_up(self, number: str) -> dict[str, Any]:
        jid = jid_of(number)
        return {"jid": jid, "exists": self._state.is_on_whatsapp(jid), "number": number}

    def _page(self, instance: str, asked: ListRequest, *, now: float) -> dict[str, Any]:
        visible = self._state.store.newest_first(instance=instance, jid=asked.jid, before=now - self._state.lag_s)
        found = list(_matching(visible, asked))
        start = (asked.page - 1) * asked.page_size
        page = islice(found, start, start + asked.page_size)
        return {
            "messages": {
                "total": len(found),
                "pages": math.ceil(len(found) / asked.page_size),
                "currentPage": asked.page,
                "records": [answers.listed(message, now=now) for message in page],
            }
        }


def _matching(messages: Iterable[Message], asked: ListRequest) -> Iterable[Message]:
    """Keep what was asked for. Asking for what is not our own is ignored by the provider: it lists both."""
    since, until = asked.period or (-math.inf, math.inf)
    for message in messages:
        is_wanted = (message.from_me or not asked.own_only) and asked.id in {None, message.id}
        if is_wanted and since <= int(message.accepted_at) <= until:
            yield message


async def _hang(request: web.Request, *, seconds: float) -> None:
    """Say nothing for so long, or until the other side hangs up."""
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at and request.transport is not None:  # noqa: ASYNC110 - aiohttp sets no event
        await asyncio.sleep(HANG_CHECK_S)


def _hang_up(request: web.Request) -> web.Response:
    """Reset the connection; the answer is for aiohttp, which finds nobody to give it to."""
    if request.transport is not None:
        connection: socket.socket = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        request.transport.abort()
    return web.Response()
