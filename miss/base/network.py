"""Where somebody comes from, as far as it counts.  Pure."""

from ipaddress import IPv4Address, ip_address, ip_network

IPV6_SITE_BITS = 64
"""Somebody with one IPv6 address has 2^64 of them: the network counts."""


def network_of(host: str) -> str:
    """`host`, or the network of 2^64 addresses that it belongs to; what is no address is returned as it is."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, IPV6_SITE_BITS), strict=False))
