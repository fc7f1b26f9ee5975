"""Fetch a calendar from an address that somebody typed, without being led into our own network (`miss.outbound`).

Each redirection is judged anew.  A deployment may name networks that are reached although they are private (an
establishment's calendar server).

Sources: OWASP SSRF Prevention Cheat Sheet, RFC 9110 §15.4 (redirections).
"""

import asyncio
import ssl
from collections.abc import Sequence
from urllib.parse import urljoin

import httpx

from miss.outbound import AddressNotOutside, Guard, Network, Resolve, Target, parse_address, resolve_by_system
from teleexpertise.availability.calendars.errors import AddressRefused, CalendarTooLarge, CalendarUnreachable
from teleexpertise.availability.calendars.sandbox import MAX_BYTES

TIMEOUT_S = 20.0
"""For a whole fetch, redirections included."""
MAX_REDIRECTIONS = 3


def normal_address(typed: str) -> str:
    """The address as it is kept: `webcal://` is what calendars call https.  Raises AddressRefused."""
    trimmed = typed.strip()
    scheme, separator, rest = trimmed.partition("://")
    url = f"https://{rest}" if separator and scheme.lower() in {"webcal", "webcals", "https"} else trimmed
    try:
        parse_address(url)
    except AddressNotOutside:
        raise AddressRefused from None
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
        self._guard = Guard(tuple(private_networks), resolve)
        self._trust = trust or ssl.create_default_context()
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
        except AddressNotOutside:
            raise AddressRefused from None
        except TimeoutError:
            raise CalendarUnreachable(reason=f"{self._timeout_s:.0f} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise CalendarUnreachable(reason=type(error).__name__) from None

    async def _follow(self, client: httpx.AsyncClient, url: str) -> bytes:
        for _ in range(MAX_REDIRECTIONS + 1):
            target = await self._guard.judge(url)
            asked = client.stream("GET", target.pinned, headers=_headers(target), extensions=dict(target.extensions))
            async with asked as got:
                if not got.is_redirect:
                    return await _body(got)
                url = urljoin(url, got.headers["location"])
        raise CalendarUnreachable(reason="redirections")


def _headers(target: Target) -> dict[str, str]:
    # Nothing compressed: a few bytes could become gigabytes.
    return {
        "Host": target.host_header,
        "Accept": "text/calendar",
        "Accept-Encoding": "identity",
        "User-Agent": "MiSS",
    }


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
