"""Whose address counts as one."""

from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.network import network_of


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_network_of_ipv6_counts_as_one(host: str, network: str) -> None:
    assert network_of(host) == network


@given(st.text())
def test_what_is_no_address_is_only_itself(host: str) -> None:
    assert network_of(host)[:1] == host[:1] or ":" in host


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_all_of_a_site_are_one(address: IPv6Address, host: int) -> None:
    neighbour = IPv6Address((int(address) >> 64 << 64) | host)
    if not address.ipv4_mapped and not neighbour.ipv4_mapped:
        assert network_of(str(neighbour)) == network_of(str(address))
