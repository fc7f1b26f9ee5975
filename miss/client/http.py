"""One HTTP exchange with the server, and what its failures are called.  protocol §7

Bodies are MessagePack both ways; a refusal is {code, text, params}.  Nothing is retried here but a token that has
expired.
"""

from collections.abc import Awaitable, Callable
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from miss.base.text import Language
from miss.client.errors import ServerRefused, ServerUnreachable
from miss.client.obstacles import obstacle
from miss.protocol.packing import UNREADABLE

T = TypeVar("T")

MSGPACK: Final = "application/msgpack"
BYTES: Final = "application/octet-stream"
TIMEOUT_S: Final = 30.0
KEEP_S: Final = 3.0
"""An idle connection is kept no longer: servers close theirs after a few seconds (uvicorn after 5), and a request
that meets that moment would be lost, with no way to tell whether it was taken."""
TokenSource = Callable[[bool], Awaitable[str]]
"""`await token(renew)`: an HTTP token; `renew` asks for another one, since the last was refused."""


class _Refusal(msgspec.Struct):
    code: str
    text: str = ""
    params: dict[str, Any] = {}


class HttpExchange:
    """A pool of connections to one server."""

    def __init__(
        self,
        server_url: str,
        *,
        language: Language,
        ssl_context: SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`transport`: where the bytes go instead of the network (a test's own server, in the same process)."""
        self._server_url = server_url
        self._language = language
        self._verify = ssl_context or _authorities(server_url)
        self._transport = transport
        self._client = self._open()

    def _open(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=self._transport,
            base_url=self._server_url,
            timeout=TIMEOUT_S,
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=KEEP_S),
            verify=self._verify,
            headers={"Accept": MSGPACK, "Accept-Language": self._language.value},
        )

    async def renew(self) -> None:
        """Give up every connection of the pool: the network they were made in is another one now."""
        before, self._client = self._client, self._open()
        await before.aclose()

    async def aclose(self) -> None:
        await self._client.aclose()

    async def exchange(
        self,
        method: str,
        path: str,
        type_: type[T],
        *,
        body: object = None,
        content: bytes | None = None,
        query: dict[str, str | int] | None = None,
        headers: dict[str, str] | None = None,
        token: TokenSource | None = None,
    ) -> T:
        """Send `body` (packed) or `content` (as is) and read a `type_`.

        Raises ServerRefused, ServerUnreachable.
        """
        packed = msgspec.msgpack.encode(body) if content is None and body is not None else content
        kind = {"Content-Type": BYTES if body is None else MSGPACK} if packed is not None else {}
        response = await self._send(method, path, packed, kind | (headers or {}), query, token)
        try:
            return msgspec.msgpack.decode(response.content, type=type_)
        except UNREADABLE:
            raise ServerUnreachable(reason="unreadable_answer", path=path) from None

    async def fetch_bytes(self, path: str, *, token: TokenSource, headers: dict[str, str] | None = None) -> bytes:
        """The body of an answer as it is.  Raises ServerRefused, ServerUnreachable."""
        return (await self._send("GET", path, None, headers or {}, None, token)).content

    async def _send(
        self,
        method: str,
        path: str,
        content: bytes | None,
        headers: dict[str, str],
        query: dict[str, str | int] | None,
        token: TokenSource | None,
    ) -> httpx.Response:
        for renew in (False, True):
            if token is not None:
                headers = headers | {"Authorization": f"Bearer {await token(renew)}"}
            try:
                response = await self._client.request(method, path, content=content, headers=headers, params=query)
            except httpx.TransportError as error:
                named = await obstacle(error, self._server_url)
                raise named or ServerUnreachable(reason=type(error).__name__) from None
            if response.is_success:
                return response
            refused = _refusal(response)
            if token is None or refused.server_code != "token_refused":
                break
        raise refused


def _authorities(server_url: str) -> SSLContext | bool:
    """Whom to believe that the server is the server; nobody where nothing is encrypted, as reading them takes time.

    True: everybody whom `httpx` trusts.
    """
    if urlsplit(server_url).scheme == "https":
        return True
    return SSLContext(PROTOCOL_TLS_CLIENT)  # checks, and knows nobody: should anything be encrypted after all, it fails


def _refusal(response: httpx.Response) -> ServerRefused:
    """What the server said no with.  Raises ServerUnreachable if it is not MiSS that answered."""
    try:
        refusal = msgspec.msgpack.decode(response.content, type=_Refusal)
    except UNREADABLE:
        raise ServerUnreachable(reason="not_miss", status=response.status_code) from None
    return ServerRefused(refusal.code, refusal.text, details=refusal.params)
