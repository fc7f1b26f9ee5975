"""Fetch a calendar from an address that somebody typed, without being led into our own network (SSRF).

Only https, port 443; the name is resolved here, every address it has must be a public one, and the connection goes to
the address that was checked, under the certificate of the name: a second resolution could answer otherwise (DNS
rebinding).  Each redirection is judged anew.  A deployment may name networks that are reached although they are private
(an establishment's calendar server): there any port will do.

Sources: OWASP SSRF Prevention Cheat Sheet, RFC 6890 (special-purpose addresses), RFC 9110 §15.4 (redirections).
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urljoin, urlsplit

import httpx

from teleexpertise.availability.calendars.errors import AddressRefused, CalendarTooLarge, CalendarUnreachable
from teleexpertise.availability.calendars.sandbox import MAX_BYTES

TIMEOUT_S = 20.0
"""For a whole fetch, redirections included."""
MAX_REDIRECTIONS = 3
MAX_ADDRESS_CHARS = 2_000
HTTPS_PORT = 443
_NAT64 = ip_network("64:ff9b::/96")

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a name."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address that was judged: where to connect, and what to ask there."""

    url: str
    host: str
    port: int
    address: Address


async def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """As the system resolves names.  Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


def normal_address(typed: str) -> str:
    """The address as it is kept: `webcal://` is what calendars call https.  Raises AddressRefused."""
    trimmed = typed.strip()
    scheme, separator, rest = trimmed.partition("://")
    url = f"https://{rest}" if separator and scheme.lower() in {"webcal", "webcals", "https"} else trimmed
    _parts(url)
    return url


class CalendarFetcher:
    """Fetches calendars from outside."""

    def __init__(
        self,
        *,
        private_networks: Sequence[Network] = (),
        trust: ssl.SSLContext | None = None,
        resolve: Resolve = resolve_by_system,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """`trust`: whose certificates are believed; None: the public authorities'."""
        self._private_networks = tuple(private_networks)
        self._trust = trust or ssl.create_default_context()
        self._resolve = resolve
        self._timeout_s = timeout_s

    async def fetch(self, url: str) -> bytes:
        """What the address answers, at most MAX_BYTES.

        Raises AddressRefused, CalendarUnreachable, CalendarTooLarge.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                # No proxy of the environment: it would connect where it likes.
                async with httpx.AsyncClient(verify=self._trust, trust_env=False, timeout=self._timeout_s) as client:
                    return await self._follow(client, url)
        except TimeoutError:
            raise CalendarUnreachable(reason=f"{self._timeout_s:.0f} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise CalendarUnreachable(reason=type(error).__name__) from None

    async def judge(self, url: str) -> Target:
        """Where to connect for that address.  Raises AddressRefused; OSError if the name does not resolve."""
        host, port = _parts(url)
        found = [ip_address(text.partition("%")[0]) for text in await self._resolve(host, port)]
        # One private address among public ones is how a name leads inside: all are judged, then the first is taken.
        if not found or not all(self._may_reach(address, port) for address in found):
            raise AddressRefused
        return Target(url, host, port, found[0])

    def _may_reach(self, address: Address, port: int) -> bool:
        if any(address in network for network in self._private_networks):
            return True
        return port == HTTPS_PORT and is_public(address)

    async def _follow(self, client: httpx.AsyncClient, url: str) -> bytes:
        for _ in range(MAX_REDIRECTIONS + 1):
            target = await self.judge(url)
            async with client.stream("GET", _pinned(target), headers=_headers(target), extensions=_name(target)) as got:
                if not got.is_redirect:
                    return await _body(got)
                url = urljoin(url, got.headers["location"])
        raise CalendarUnreachable(reason="redirections")


def is_public(address: Address) -> bool:
    """Whether everybody may reach that address; what an IPv6 address carries inside is judged too."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None and not is_public(inner):
            return False
    return address.is_global and not address.is_multicast


def _parts(url: str) -> tuple[str, int]:
    """Host and port of an https address.  Raises AddressRefused."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or HTTPS_PORT
    except ValueError:
        raise AddressRefused from None
    sane = len(url) <= MAX_ADDRESS_CHARS and url.isprintable() and " " not in url and "\\" not in url
    if not sane or parts.scheme != "https" or not host or parts.username is not None or parts.password is not None:
        raise AddressRefused
    return host, port


def _pinned(target: Target) -> httpx.URL:
    """The same path and query at the address that was judged."""
    return httpx.URL(target.url).copy_with(host=str(target.address), port=target.port)


def _headers(target: Target) -> dict[str, str]:
    host = target.host if target.port == HTTPS_PORT else f"{target.host}:{target.port}"
    # Nothing compressed: a few bytes could become gigabytes.
    return {"Host": host, "Accept": "text/calendar", "Accept-Encoding": "identity", "User-Agent": "MiSS"}


def _name(target: Target) -> dict[str, object]:
    """Whose certificate must be shown there."""
    return {"sni_hostname": target.host}


async def _body(answer: httpx.Response) -> bytes:
    if answer.status_code != httpx.codes.OK:
        raise CalendarUnreachable(reason=f"HTTP {answer.status_code}")
    if answer.headers.get("content-encoding", "identity").lower() != "identity":
        raise CalendarUnreachable(reason="Content-Encoding")
    content = bytearray()
    async for chunk in answer.aiter_raw():
        content += chunk
        if len(content) > MAX_BYTES:
            raise CalendarTooLarge(limit_mb=MAX_BYTES // 1_000_000)
    return bytes(content)
