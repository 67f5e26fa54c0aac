"""Whether a request comes from Slack: its signature over the raw body, at most five minutes old or ahead.

slack-sdk computes and compares, in constant time; here stands what it raises on: a timestamp that is no number, a body
that is no UTF-8, a secret that is not set.
"""

from __future__ import annotations

import re
from datetime import datetime

from slack_sdk.signature import Clock, SignatureVerifier

# Seconds since 1970, and the hexadecimal of an HMAC with SHA-256.
TIMESTAMP = re.compile(r"[0-9]{1,12}")
SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


class _At(Clock):
    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> float:
        return self._now.timestamp()


def is_genuine(*, body: bytes, timestamp: str | None, signature: str | None, secret: str, now: datetime) -> bool:
    """Tell whether the signature is Slack's for this body, and the timestamp within 5 minutes of `now`, either way.

    Never raises; without a secret nothing is genuine.
    """
    if not secret.strip() or not TIMESTAMP.fullmatch(timestamp or "") or not SIGNATURE.fullmatch(signature or ""):
        return False
    try:
        return SignatureVerifier(secret, _At(now)).is_valid(body, timestamp, signature)
    except UnicodeDecodeError:
        return False
