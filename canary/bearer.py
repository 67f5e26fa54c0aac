"""Whether a request shows the token it must: `Authorization: Bearer …`."""

from __future__ import annotations

import hmac

from django.http import HttpRequest


def shows(request: HttpRequest, token: str) -> bool:
    """Compare in constant time; nothing equals a token that is not configured."""
    given = request.headers.get("Authorization", "").encode("utf-8", "surrogateescape")
    return hmac.compare_digest(given, f"Bearer {token}".encode()) and bool(token)
