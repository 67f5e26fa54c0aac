"""How often one client may open the confirm page: 30 times a minute and 200 an hour, counted for all processes alike.

The numbers are the go/no-go document's (Ponte Externa, Rate Limit). They are counted in Redis: without it
nothing can be.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django_ratelimit.core import get_usage

from handoff import client_address

RATES = ("30/m", "200/h")
GROUP = "handoff.confirm"


def seconds_to_wait(request: HttpRequest) -> int:
    """Count a request, and answer after how many seconds its client may come again: 0 when it may now.

    Raises:
        redis.exceptions.RedisError: when it cannot be counted.
    """
    used = [get_usage(request, group=GROUP, key=_client, rate=rate, increment=True) for rate in RATES]
    # A window still holds in its last second.
    return max((usage["time_left"] + 1 for usage in used if usage["should_limit"]), default=0)


def client_of(request: HttpRequest) -> str:
    """Name the address to count a request against, behind as many proxies as are configured."""
    return client_address.count_as(
        peer=request.META.get("REMOTE_ADDR", ""),
        forwarded_for=request.META.get("HTTP_X_FORWARDED_FOR", ""),
        proxies=settings.TRUSTED_PROXY_COUNT,
    )


def _client(_group: str, request: HttpRequest) -> str:
    return client_of(request)
