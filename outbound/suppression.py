"""Phones of people who were erased: whoever imports one again gets a contact who has opted out from the start.

A phone is kept as an HMAC with `SUPPRESSION_KEY`. With another key nobody would be known again, and somebody who wants
to be left alone would be written to; so a key that does not fit all entries stops whatever creates contacts.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection

from django.conf import settings
from django.db.models import Q

from outbound.models import Suppression


class WrongSuppressionKeyError(RuntimeError):
    """There are suppressed phones that the configured key does not know again."""


def suppress(phone: str) -> None:
    """Remember a canonical phone without keeping it."""
    Suppression.objects.get_or_create(digest=digest(phone), defaults={"key_id": _key_id()})


def among(phones: Collection[str]) -> set[str]:
    """Which of these phones are suppressed.

    Raises:
        WrongSuppressionKeyError: when the key is not the one that phones were suppressed with.
    """
    by_digest = {digest(phone): phone for phone in phones}
    found = Suppression.objects.filter(Q(digest__in=by_digest) | ~Q(key_id=_key_id())).values_list("digest", "key_id")
    if any(key_id != _key_id() for _digest, key_id in found):
        raise WrongSuppressionKeyError("SUPPRESSION_KEY is not the one that phones were suppressed with: set that one.")
    return {by_digest[digest_] for digest_, _key in found}


def digest(phone: str) -> str:
    """Compute what a phone is known by, 64 hex digits."""
    return hmac.new(settings.SUPPRESSION_KEY.encode(), phone.encode(), hashlib.sha256).hexdigest()


def _key_id() -> str:
    return hashlib.sha256(b"key id:" + settings.SUPPRESSION_KEY.encode()).hexdigest()[:8]
