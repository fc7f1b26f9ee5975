"""A server that lies: the real one behind a proxy that decodes what passes, alters it and sends it on.

Real sockets on both sides.  Over the WebSocket every frame is decoded, over HTTP every MessagePack body; a `Lie` sees
them and may change, drop, add or answer by itself.  Signatures cover the host's name, not the port, so the client
takes the proxy for its server: whoever runs the server, or its TLS end, can do all of this.
"""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from miss.protocol.wire.codec import decode, encode
from miss.protocol.wire.frames import SUBPROTOCOL, Frame, Unknown

HOST = "127.0.0.1"
MSGPACK = "application/msgpack"
PASSED_ON = ("authorization", "content-type", "accept", "accept-language", "range", "upload-offset", "idempotency-key")
PASSED_BACK = ("content-type", "content-range", "accept-ranges", "upload-offset", "retry-after")

F = TypeVar("F")
Body = dict[str, Any]
Said = bytes | Frame


@dataclass(frozen=True)
class Call:
    """One HTTP request of the client."""

    method: str
    path: str
    query: str
    body: Body

    def matches(self, pattern: str) -> bool:
        """`pattern`: a regular expression for "METHOD path", the whole path after /api/chat/."""
        return re.fullmatch(pattern, f"{self.method} {self.path.removeprefix('/api/chat/')}") is not None


class Lie:
    """The truth; subclasses alter it.  `told` counts how often they did, so that no test passes for want of a lie."""

    def __init__(self) -> None:
        self.told = 0

    def say(self, frame: Frame) -> Iterable[Said]:
        """What reaches the client of a frame of the server."""
        return [frame]

    def hear(self, frame: Frame) -> Iterable[Said]:
        """What reaches the server of a frame of the client."""
        return [frame]

    async def take(self, call: Call) -> Body | None:
        """An answer of its own, before the server is asked; None: the server is asked."""
        return None

    def answer(self, call: Call, body: Body) -> Body | None:
        """What reaches the client of an answer; None: that there is no such thing (404)."""
        return body

    def content(self, call: Call, content: bytes) -> bytes:
        """The same for an answer that is not MessagePack."""
        return content


class Saying(Lie):
    """Frames of one kind, altered: `change` gives one, several, or nothing in their place."""

    def __init__(self, kind: type[F], change: Callable[[F], Sequence[Said]], times: int = 1_000_000) -> None:
        super().__init__()
        self._kind, self._change, self._times = kind, change, times

    def say(self, frame: Frame) -> Iterable[Said]:
        if not isinstance(frame, self._kind) or self.told >= self._times:
            return [frame]
        said = self._change(frame)
        self.told += list(said) != [frame]
        return said


class Hearing(Lie):
    """Frames of the client, altered or swallowed on their way."""

    def __init__(self, kind: type[F], change: Callable[[F], Sequence[Said]]) -> None:
        super().__init__()
        self._kind, self._change = kind, change

    def hear(self, frame: Frame) -> Iterable[Said]:
        if not isinstance(frame, self._kind):
            return [frame]
        heard = self._change(frame)
        self.told += list(heard) != [frame]
        return heard


class Answering(Lie):
    """Answers of one endpoint ("GET users/.*/chain"), altered; None: denied."""

    def __init__(self, pattern: str, change: Callable[[Body], Body | None]) -> None:
        super().__init__()
        self._pattern, self._change = pattern, change

    def answer(self, call: Call, body: Body) -> Body | None:
        if not call.matches(self._pattern):
            return body
        changed = self._change(dict(body))
        self.told += changed != body
        return changed


class Content(Lie):
    """A file, altered on its way to the client."""

    def __init__(self, pattern: str, change: Callable[[bytes], bytes]) -> None:
        super().__init__()
        self._pattern, self._change = pattern, change

    def content(self, call: Call, content: bytes) -> bytes:
        if not call.matches(self._pattern):
            return content
        changed = self._change(content)
        self.told += changed != content
        return changed


class Taking(Lie):
    """The first requests to one endpoint, which never reach the server."""

    def __init__(self, pattern: str, answer: Callable[[Call], Awaitable[Body]], times: int = 1_000_000) -> None:
        super().__init__()
        self._pattern, self._answer, self._times = pattern, answer, times

    async def take(self, call: Call) -> Body | None:
        if not call.matches(self._pattern) or self.told >= self._times:
            return None
        self.told += 1
        return await self._answer(call)


class Both(Lie):
    """Several lies at once; the first is told first."""

    def __init__(self, *lies: Lie) -> None:
        self._lies = lies

    @property
    def told(self) -> int:  # type: ignore[override]  # the sum of its parts, each of which must have been told
        return min(lie.told for lie in self._lies)

    def say(self, frame: Frame) -> Iterable[Said]:
        said: list[Said] = [frame]
        for lie in self._lies:
            said = [after for one in said for after in ([one] if isinstance(one, bytes) else lie.say(one))]
        return said

    def hear(self, frame: Frame) -> Iterable[Said]:
        heard: list[Said] = [frame]
        for lie in self._lies:
            heard = [after for one in heard for after in ([one] if isinstance(one, bytes) else lie.hear(one))]
        return heard

    async def take(self, call: Call) -> Body | None:
        for lie in self._lies:
            if (body := await lie.take(call)) is not None:
                return body
        return None

    def answer(self, call: Call, body: Body) -> Body | None:
        changed: Body | None = body
        for lie in self._lies:
            changed = None if changed is None else lie.answer(call, changed)
        return changed

    def content(self, call: Call, content: bytes) -> bytes:
        for lie in self._lies:
            content = lie.content(call, content)
        return content


class Middle:
    """The proxy of one client."""

    def __init__(self, server_url: str, http: httpx.AsyncClient) -> None:
        """`http`: a client of that server."""
        self._server_url = server_url
        self._http = http
        self.lie = Lie()
        """What the server tells this client from now on; `Lie()` is the truth."""
        self._pairs: set[tuple[WebSocket, ClientConnection]] = set()
        self.url = ""
        self.failures: list[Exception] = []
        """Of the lies themselves: a defect of a test."""

    async def cut(self) -> None:
        """End every connection, as the network does."""
        for pair in tuple(self._pairs):
            await pair[1].close()

    async def say(self, *frames: Said) -> None:
        """Something the server never said."""
        for client, _ in tuple(self._pairs):
            await self._send(client, frames)

    async def _send(self, client: WebSocket, frames: Iterable[Said]) -> None:
        for frame in frames:
            await client.send_bytes(frame if isinstance(frame, bytes) else encode(frame))

    # HTTP

    async def pass_on(self, request: Request) -> Response:
        try:
            return await self._pass_on(request)
        except Exception as failure:
            self.failures.append(failure)
            raise

    async def _pass_on(self, request: Request) -> Response:
        content = await request.body()
        is_packed = request.headers.get("content-type", "") == MSGPACK
        body = msgspec.msgpack.decode(content) if content and is_packed else {}
        call = Call(request.method, request.url.path, request.url.query, body)
        if (own := await self.lie.take(call)) is not None:
            return Response(msgspec.msgpack.encode(own), media_type=MSGPACK)
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        url = call.path + (f"?{call.query}" if call.query else "")
        response = await self._http.request(call.method, url, content=content, headers=headers)
        status, back = response.status_code, response.content
        if response.is_success and response.headers.get("content-type") == MSGPACK:
            changed = self.lie.answer(call, msgspec.msgpack.decode(back))
            if changed is None:
                status, changed = 404, {"code": "not_found", "text": "", "params": {}}
            back = msgspec.msgpack.encode(changed)
        elif response.is_success:
            back = self.lie.content(call, back)
        kept = {name: response.headers[name] for name in PASSED_BACK if name in response.headers}
        return Response(back, status, kept)

    # WebSocket

    async def relay(self, client: WebSocket) -> None:
        url = self._server_url.replace("http", "ws", 1) + client.url.path
        async with connect(
            url, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None, ping_interval=None, proxy=None
        ) as server:
            await client.accept(SUBPROTOCOL)
            pair = client, server
            self._pairs.add(pair)
            pumps = [asyncio.create_task(pump(*pair)) for pump in (self._from_server, self._from_client)]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._pairs.discard(pair)
                for pump in pumps:
                    pump.cancel()
                results = await asyncio.gather(*pumps, return_exceptions=True)
                with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                    await client.close(server.close_code or 1011)
            self.failures += [result for result in results if isinstance(result, Exception)]

    async def _from_server(self, client: WebSocket, server: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed, WebSocketDisconnect, RuntimeError):
            async for data in server:
                assert isinstance(data, bytes)
                frame = decode(data)
                said = [data] if isinstance(frame, Unknown) else self.lie.say(frame)
                await self._send(client, said)

    async def _from_client(self, client: WebSocket, server: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed, WebSocketDisconnect):
            while True:
                data = await client.receive_bytes()
                frame = decode(data)
                heard = [data] if isinstance(frame, Unknown) else self.lie.hear(frame)
                for one in heard:
                    await server.send(one if isinstance(one, bytes) else encode(one))


@contextlib.asynccontextmanager
async def between(server_url: str, http: httpx.AsyncClient) -> AsyncIterator[Middle]:
    """A proxy before this server, honest until told otherwise."""
    middle = Middle(server_url, http)
    listener = socket.create_server((HOST, 0))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    middle.url = f"http://{HOST}:{listener.getsockname()[1]}"
    routes = [
        WebSocketRoute("/api/chat/socket", middle.relay),
        Route("/{path:path}", middle.pass_on, methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]),
    ]
    config = uvicorn.Config(
        Starlette(routes=routes), ws="websockets-sansio", ws_per_message_deflate=False, ws_ping_interval=None,
        lifespan="off", log_config=None,
    )  # fmt: skip
    config.load()
    server = uvicorn.Server(config)
    # `serve` would add signal handlers and waits of a tenth of a second; a test needs neither.
    server.lifespan = config.lifespan_class(config)
    await server.startup([listener])
    try:
        yield middle
    finally:
        await middle.cut()
        for door in server.servers:
            door.close()
        for task in server.server_state.tasks:
            task.cancel()
        await asyncio.gather(*server.server_state.tasks, return_exceptions=True)
        listener.close()
    for failure in middle.failures:
        raise failure
