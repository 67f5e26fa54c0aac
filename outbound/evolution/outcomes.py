"""What a request to the provider came to, told by what the provider says and not by the status alone.

Above the client only these exist. The provider wraps every failure inside its send routine in a 400, whether the
message left or not (spec/evolution-api.md), so what is not plainly permanent there is ambiguous.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

PROVIDER_ERROR = "provider_error"
TIMEOUT = "timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """It left, and the provider knows it by this id."""

    provider_message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """It surely did not leave, and may be tried again, not before `retry_after_s` where the provider says so."""

    reason: str
    error: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """Nobody knows yet whether it left: ask the provider before anything else."""

    reason: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It surely did not leave, and never will as it is."""

    reason: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TooLate:
    """It surely did not leave: its lease no longer covered a whole request, so none was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderRefused:
    """It surely did not leave, for a fault of our number's instance or key and none of its own."""

    error: str


Outcome = Sent | NotSent | Ambiguous | Refused | SenderRefused | TooLate


def classify(*, status: int, body: Any, retry_after_s: float | None) -> Outcome:
    """Read an answer: its status, its decoded JSON (None when it was none), and what `Retry-After` asks for."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        provider_message_id = _field(_field(body, "key"), "id")
        if isinstance(provider_message_id, str) and provider_message_id:
            return Sent(provider_message_id=provider_message_id)
        return Ambiguous(reason=PROVIDER_ERROR, error=f"HTTP {status} without a message id")
    if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
        return NotSent(reason=PROVIDER_ERROR, error=f"HTTP {status}", retry_after_s=retry_after_s)
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}:
        return SenderRefused(error=f"HTTP {status}")
    if status == HTTPStatus.BAD_REQUEST:
        return _bad_request(_field(_field(body, "response"), "message"))
    if HTTPStatus.BAD_REQUEST < status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Refused(reason=PROVIDER_ERROR, error=f"HTTP {status}")
    return Ambiguous(reason=PROVIDER_ERROR, error=f"HTTP {status}")


def _bad_request(message: Any) -> Outcome:
    first = message[0] if isinstance(message, list) and message else None
    if isinstance(first, Mapping) and first.get("exists") is False:
        return Refused(reason=PROVIDER_ERROR, error="HTTP 400: the number is not on WhatsApp")
    if isinstance(first, list):
        return Refused(reason=PROVIDER_ERROR, error="HTTP 400: the provider's schema refuses the request")
    return Ambiguous(reason=PROVIDER_ERROR, error="HTTP 400 from inside the provider's send routine")


def _field(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None
