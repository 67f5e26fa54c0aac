"""Whom a request is counted against: an address that the client cannot choose.

    count_as(peer="10.0.0.9", forwarded_for="6.6.6.6, 203.0.113.7", proxies=1)   # "203.0.113.7"
    count_as(peer="203.0.113.7", forwarded_for="6.6.6.6", proxies=0)             # "203.0.113.7"

Each proxy appends whom it heard from, so the last entry is our own proxy's word, and whatever stands further left than
there are proxies is the client's.
"""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv6Address

# Whoever has one address of a /64 has all of them.
IPV6_PREFIX_BITS = 64
# The unspecified address: for whom no address is known.
NOBODY = "::"


def count_as(*, peer: str, forwarded_for: str, proxies: int) -> str:
    """Name the IPv4 address, or the first address of the IPv6 /64, to count a request against.

    `peer` is who is connected, `forwarded_for` the X-Forwarded-For as it came, `proxies` how many proxies of our own
    stand before us. Where their entry is missing or is no address, the peer counts: many clients then share its limit,
    and none escapes it.
    """
    return _network(_told_by_outermost_proxy(forwarded_for, proxies)) or _network(peer) or NOBODY


def exactly(*, peer: str, forwarded_for: str, proxies: int) -> IPv4Address | IPv6Address | None:
    """Name the address a request comes from, for who lets addresses in; None where nobody of ours vouches for it.

    What was forwarded counts only through the whole chain of our proxies; what was not, by who is connected.
    """
    if not forwarded_for:
        return _address(peer)
    return _address(_told_by_outermost_proxy(forwarded_for, proxies))


def _told_by_outermost_proxy(forwarded_for: str, proxies: int) -> str:
    entries = forwarded_for.split(",")
    return entries[-proxies].strip() if 0 < proxies <= len(entries) else ""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = None if isinstance(address, IPv4Address) else address.ipv4_mapped
    return mapped or address


def _network(text: str) -> str | None:
    address = _address(text)
    if address is None:
        return None
    if isinstance(address, IPv4Address):
        return str(address)
    # By its number, as a zone (fe80::1%eth0) is the client's own matter.
    return str(ipaddress.IPv6Network((int(address), IPV6_PREFIX_BITS), strict=False).network_address)
