"""Who may read `/metrics`: who shows the token, or asks from one of the networks; outside production, where neither is
configured, everybody.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from canary import bearer
from handoff import client_address


def may_read(request: HttpRequest) -> bool:
    """Judge a request by its token and its address; in production nobody may where nothing is configured."""
    if not settings.METRICS_TOKEN and not settings.METRICS_ALLOWED_ADDRESSES:
        return not settings.IN_PRODUCTION
    return bearer.shows(request, settings.METRICS_TOKEN) or _is_from_allowed_address(request)


def _is_from_allowed_address(request: HttpRequest) -> bool:
    address = client_address.exactly(
        peer=request.META.get("REMOTE_ADDR", ""),
        forwarded_for=request.META.get("HTTP_X_FORWARDED_FOR", ""),
        proxies=settings.TRUSTED_PROXY_COUNT,
    )
    return address is not None and any(address in network for network in settings.METRICS_ALLOWED_ADDRESSES)
