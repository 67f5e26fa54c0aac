"""The links that a divulgador gets: signed, for one bridge and one decision, as long-lived as the bridge.

What a token holds is a bridge's id, a decision and an end, and nothing about anybody. Its signature is salted with its
purpose, so no other signed value of ours can stand in for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.core import signing

from handoff.states import Decision

SALT = "handoff.confirm"
# Ours have about 140 characters: a longer one is not worth reading.
LONGEST = 500


class InvalidTokenError(ValueError):
    """The token is none of ours, was altered, or its time is over: which of these, nobody is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a token says: one decision about one bridge."""

    handoff_id: UUID
    decision: Decision


def issue(link: Link, *, expires_at: datetime) -> str:
    """Sign a link that works before `expires_at`."""
    payload = {"h": link.handoff_id.hex, "d": link.decision, "e": math.ceil(expires_at.timestamp())}
    return signing.Signer(salt=SALT).sign_object(payload)


def read(token: str, *, now: datetime) -> Link:
    """Read a token back.

    Raises:
        InvalidTokenError: whatever is wrong with it.
    """
    if len(token) > LONGEST:
        raise InvalidTokenError
    try:
        payload = signing.Signer(salt=SALT).unsign_object(token)
    except signing.BadSignature as error:
        raise InvalidTokenError from error
    if now >= datetime.fromtimestamp(payload["e"], UTC):
        raise InvalidTokenError
    return Link(handoff_id=UUID(hex=payload["h"]), decision=Decision(payload["d"]))
