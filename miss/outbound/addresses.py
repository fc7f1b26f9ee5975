"""Judge an address that somebody gave before anything is sent there.

Only https, port 443; the name is resolved here, every address it has must be a public one, and the connection goes to
the address that was judged, under the certificate of the name: a second resolution could answer otherwise (DNS
rebinding).  A redirection is another address, judged anew by who follows it.  A deployment may name networks that are
reached although they are private: there any port will do.

Sources: OWASP SSRF Prevention Cheat Sheet, RFC 6890 (special-purpose addresses).
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from miss.outbound.errors import AddressNotOutside

MAX_ADDRESS_CHARS = 2_000
HTTPS_PORT = 443
_NAT64 = ip_network("64:ff9b::/96")

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a name."""


class Place(NamedTuple):
    """Where an address leads by its name."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was judged: where to connect, and what to ask there."""

    url: str
    host: str
    port: int
    address: Address

    @property
    def pinned(self) -> httpx.URL:
        """The same path and query at the address that was judged."""
        return httpx.URL(self.url).copy_with(host=str(self.address), port=self.port)

    @property
    def host_header(self) -> str:
        """As HTTP names the host."""
        return self.host if self.port == HTTPS_PORT else f"{self.host}:{self.port}"

    @property
    def extensions(self) -> Mapping[str, str]:
        """Of the request: whose certificate must be shown there."""
        return {"sni_hostname": self.host}


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """As the system resolves names.  Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be reached."""

    private_networks: tuple[Network, ...] = ()
    resolve: Resolve = resolve_by_system

    async def judge(self, url: str) -> Target:
        """Where to connect for that address.  Raises AddressNotOutside; OSError if the name does not resolve."""
        host, port = parse_address(url)
        found = [ip_address(text.partition("%")[0]) for text in await self.resolve(host, port)]
        # One private address among public ones is how a name leads inside: all are judged, then the first is taken.
        if not found or not all(self._may_reach(address, port) for address in found):
            raise AddressNotOutside
        return Target(url, host, port, found[0])

    def _may_reach(self, address: Address, port: int) -> bool:
        if any(address in network for network in self.private_networks):
            return True
        return port == HTTPS_PORT and is_public(address)


def is_public(address: Address) -> bool:
    """Whether everybody may reach that address; what an IPv6 address carries inside is judged too."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None and not is_public(inner):
            return False
    return address.is_global and not address.is_multicast


def parse_address(url: str) -> Place:
    """Host and port of an https address.  Raises AddressNotOutside."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or HTTPS_PORT
    except ValueError:
        raise AddressNotOutside from None
    sane = len(url) <= MAX_ADDRESS_CHARS and url.isprintable() and " " not in url and "\\" not in url
    if not sane or parts.scheme != "https" or not host or parts.username is not None or parts.password is not None:
        raise AddressNotOutside
    return Place(host, port)
