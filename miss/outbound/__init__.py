"""Connections to addresses that somebody else chose, without being led into our own network (SSRF)."""

from miss.outbound.addresses import Guard, Network, Resolve, Target, is_public, parse_address, resolve_by_system
from miss.outbound.errors import AddressNotOutside

__all__ = [
    "AddressNotOutside",
    "Guard",
    "Network",
    "Resolve",
    "Target",
    "is_public",
    "parse_address",
    "resolve_by_system",
]
