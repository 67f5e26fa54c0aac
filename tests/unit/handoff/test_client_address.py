"""'Rate Limit por IP': the address comes from as many proxies as are ours, and from nothing a client can write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.client_address import NOBODY, count_as, exactly

V4 = st.ip_addresses(v=4).map(str)
V6 = st.ip_addresses(v=6).map(str)
FORGED = st.lists(st.one_of(V4, V6, st.text(max_size=20)), max_size=100).map(", ".join)


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "proxies", "expected"),
    [
        ("203.0.113.7", "", 0, "203.0.113.7"),
        ("203.0.113.7", "6.6.6.6", 0, "203.0.113.7"),  # no proxy of ours: nothing of it is believed
        ("10.0.0.1", "203.0.113.7", 1, "203.0.113.7"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.7", 1, "203.0.113.7"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.7,10.0.0.2", 2, "203.0.113.7"),
        ("10.0.0.1", "  203.0.113.7  ", 1, "203.0.113.7"),
        ("10.0.0.1", "", 1, "10.0.0.1"),  # the proxy said nothing
        ("10.0.0.1", "203.0.113.7", 2, "10.0.0.1"),  # it came round one of them
        ("10.0.0.1", "203.0.113.7, garbage", 1, "10.0.0.1"),
        ("10.0.0.1", "203.0.113.7, ", 1, "10.0.0.1"),
        ("10.0.0.1", "999.1.1.1", 1, "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "", 0, "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "", 0, "2001:db8:1:3::"),
        ("::1", "", 0, "::"),
        ("::ffff:203.0.113.7", "", 0, "203.0.113.7"),
        ("10.0.0.1", "::ffff:203.0.113.7", 1, "203.0.113.7"),
        ("fe80::1%eth0", "", 0, "fe80::"),
        ("", "", 0, NOBODY),  # a Unix socket
        ("", "garbage", 1, NOBODY),
    ],
)
def test_a_request_counts_against(peer, forwarded_for, proxies, expected):
    assert count_as(peer=peer, forwarded_for=forwarded_for, proxies=proxies) == expected


@given(FORGED, V4, st.integers(min_value=1, max_value=3))
def test_whatever_a_client_forges_it_counts_as_what_our_proxy_saw(forged, address, proxies):
    ours = ", ".join([address, *["10.0.0.9"] * (proxies - 1)])

    assert count_as(peer="10.0.0.1", forwarded_for=f"{forged}, {ours}", proxies=proxies) == address


@given(FORGED, V4)
def test_without_proxies_nothing_forged_counts(forged, peer):
    assert count_as(peer=peer, forwarded_for=forged, proxies=0) == peer


@given(V6, st.integers(min_value=0, max_value=2**64 - 1))
def test_every_address_of_a_network_counts_as_one(address, host):
    from ipaddress import IPv6Address

    one = IPv6Address(address)
    other = IPv6Address((int(one) >> 64 << 64) | host)
    if not one.ipv4_mapped and not other.ipv4_mapped:
        assert count_as(peer=str(one), forwarded_for="", proxies=0) == count_as(
            peer=str(other), forwarded_for="", proxies=0
        )


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "proxies", "expected"),
    [
        ("203.0.113.7", "", 0, "203.0.113.7"),
        ("203.0.113.7", "", 1, "203.0.113.7"),  # asked past the proxy
        ("10.0.0.1", "6.6.6.6, 203.0.113.7", 1, "203.0.113.7"),
        ("10.0.0.1", "::ffff:203.0.113.7", 1, "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2:3:4:5:6"),  # this one, and not its whole network
        ("10.0.0.1", "6.6.6.6", 0, None),  # forwarded by nobody of ours
        ("10.0.0.1", "203.0.113.7", 2, None),  # it came round one of them
        ("10.0.0.1", "203.0.113.7, garbage", 1, None),
        ("", "", 0, None),  # a Unix socket
    ],
)
def test_who_is_let_in_by_address_is_known_exactly_or_is_nobody(peer, forwarded_for, proxies, expected):
    address = exactly(peer=peer, forwarded_for=forwarded_for, proxies=proxies)

    assert (str(address) if address else None) == expected


@given(FORGED.filter(bool), V4, st.integers(min_value=0, max_value=3))
def test_nothing_a_client_forges_makes_its_peer_count(forged, peer, proxies):
    address = exactly(peer=peer, forwarded_for=forged, proxies=proxies)

    assert address is None or str(address) != peer or peer in forged
