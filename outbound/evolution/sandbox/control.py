"""The sandbox's own routes, under `/_sandbox/`: what it saw, and what it is to do next. Nothing here needs a key."""

from __future__ import annotations

import time
from http import HTTPStatus
from itertools import islice
from typing import Any

from aiohttp import web

from outbound.evolution.sandbox.answers import as_json
from outbound.evolution.sandbox.faults import FaultError
from outbound.evolution.sandbox.jids import jid_of
from outbound.evolution.sandbox.messages import Message, as_delivered
from outbound.evolution.sandbox.state import CONNECTION_STATES, SandboxState, new_id


def routes(state: SandboxState) -> list[web.RouteDef]:
    """List the control routes over a sandbox's state."""
    control = _Control(state)
    return [
        web.get("/_sandbox/delivered", control.delivered),
        web.get("/_sandbox/requests", control.requests),
        web.get("/_sandbox/stats", control.stats),
        web.post("/_sandbox/faults", control.set_faults),
        web.post("/_sandbox/latency", control.set_latency),
        web.post("/_sandbox/lag", control.set_lag),
        web.post("/_sandbox/connection", control.set_connection),
        web.post("/_sandbox/inbound", control.inbound),
        web.post("/_sandbox/reset", control.reset),
    ]


def inbound_message(
    *,
    instance: str,
    number: str,
    text: str,
    id: str = "",  # noqa: A002 - the provider's own word
    push_name: str = "",
    message_type: str = "conversation",
    from_me: bool = False,
) -> Message:
    """Make what somebody writes to an instance; with the `id` of an earlier one it is that one once more.

    A `number` may be a whole JID, of a group or a hidden number. `message_type` may be `extendedTextMessage`.
    """
    return Message(
        instance,
        number,
        jid_of(number),
        text,
        id or new_id(),
        time.time(),
        from_me=from_me,
        push_name=push_name,
        message_type=message_type,
    )


class _Control:
    def __init__(self, state: SandboxState) -> None:
        self._state = state

    async def delivered(self, request: web.Request) -> web.Response:
        start = _since(request)
        messages = islice(self._state.store.delivered, start, None)
        return as_json([as_delivered(index, message) for index, message in enumerate(messages, start)])

    async def requests(self, request: web.Request) -> web.Response:
        start = _since(request)
        asked = islice(self._state.books.requests, start, None)
        return as_json([one.described(index) for index, one in enumerate(asked, start)])

    async def stats(self, _request: web.Request) -> web.Response:
        return as_json(self._state.stats())

    async def set_faults(self, request: web.Request) -> web.Response:
        specs = await _body(request)
        if not isinstance(specs, list) or not all(isinstance(spec, str) for spec in specs):
            return _wrong("expected a list of fault specs")
        try:
            self._state.set_faults(specs)
        except FaultError as error:
            return _wrong(str(error))
        return as_json(list(self._state.faults.specs))

    async def set_latency(self, request: web.Request) -> web.Response:
        self._state.latency_s = await _milliseconds(request) / 1000
        return as_json(self._state.stats())

    async def set_lag(self, request: web.Request) -> web.Response:
        self._state.lag_s = await _milliseconds(request) / 1000
        return as_json(self._state.stats())

    async def set_connection(self, request: web.Request) -> web.Response:
        body = await _body(request)
        instance, state = self._instance(body), body.get("state")
        if state not in CONNECTION_STATES:
            return _wrong(f"state is one of {sorted(CONNECTION_STATES)}")
        self._state.set_connection(instance=instance, state=state)
        return as_json({"instance": instance, "state": state})

    async def inbound(self, request: web.Request) -> web.Response:
        body = await _body(request)
        try:
            message = inbound_message(**{**body, "instance": self._instance(body)})
        except TypeError as error:
            return _wrong(str(error))
        is_told = self._state.receive(message)
        return as_json({"id": message.id, "jid": message.jid, "is_told": is_told}, status=HTTPStatus.CREATED)

    async def reset(self, _request: web.Request) -> web.Response:
        self._state.reset()
        return as_json(self._state.stats())

    def _instance(self, body: Any) -> str:
        if not isinstance(body, dict):
            raise web.HTTPBadRequest(text="expected an object")
        return str(body.get("instance") or self._state.config.instances[0])


def _since(request: web.Request) -> int:
    value = request.query.get("since_index", "0")
    if not value.isdecimal():
        raise web.HTTPBadRequest(text="since_index is a number from 0 on")
    return int(value)


async def _body(request: web.Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        raise web.HTTPBadRequest(text="expected JSON") from None


async def _milliseconds(request: web.Request) -> float:
    body = await _body(request)
    value = body.get("ms") if isinstance(body, dict) else None
    if not isinstance(value, int | float) or value < 0:
        raise web.HTTPBadRequest(text='expected {"ms": NUMBER}')
    return value


def _wrong(problem: str) -> web.Response:
    return as_json({"error": problem}, status=HTTPStatus.BAD_REQUEST)
