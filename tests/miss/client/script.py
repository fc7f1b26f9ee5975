"""A scripted server: the protocol's own server session on a real WebSocket, saying what a test wants said."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from miss.base.clock import SystemClock, monotonic_s, to_ms
from miss.base.random import system_random
from miss.client import Client, Store
from miss.protocol.session import ServerSession, SessionLimits
from miss.protocol.session.events import AuthReceived
from miss.protocol.wire.frames import SUBPROTOCOL, Del, Err, Frame, Item, Page, Pull, Ready, Send
from tests.conditions import WAIT_S
from tests.miss.protocol.people import BOB

T = TypeVar("T")

HOUR_MS = 3_600_000


class Script:
    """A server made of the protocol's own server session: it greets, then does what `then` says."""

    def __init__(
        self,
        then: Callable[[ServerConnection, ServerSession], Awaitable[None]] | None = None,
        limits: SessionLimits | None = None,
        subprotocol: str | None = SUBPROTOCOL,
        link_head: bytes = b"h" * 32,
    ) -> None:
        self.then = then
        self.limits = limits
        self.subprotocol = subprotocol
        self.link_head = link_head
        self.auths: list[AuthReceived] = []
        self.others: list[object] = []
        """Every other frame of the client."""
        self.log: dict[int, bytes] = {}
        """What a pull finds, by place."""
        self.page_items = 1000
        self.answer_send: Callable[[Send], Frame | None] = lambda _: None
        """What a deposit is answered with."""
        self.answer_del: Callable[[Del], Frame | None] = lambda _: None
        """What a deletion is answered with."""
        self.deletions: list[Del] = []
        """What was deleted while the client was away."""
        self.more_deletions = False
        self.answers_http = True
        self.asked_deletions: list[str] = []
        self._heard = asyncio.Event()

    async def __call__(self, socket: ServerConnection) -> None:
        now_ms = to_ms(SystemClock().now()) + HOUR_MS
        session = ServerSession(nonce=b"n" * 32, server_ts_ms=now_ms, now_s=monotonic_s(), limits=self.limits)
        with suppress(ConnectionClosed):
            await flush(socket, session)
            async for data in socket:
                assert isinstance(data, bytes)
                session.receive(data, monotonic_s())
                for event in session.events():
                    if isinstance(event, AuthReceived):
                        self.auths.append(event)
                        session.accept(Ready(False, now_ms, self.link_head, "a-token"))
                        await flush(socket, session)
                        if self.then:
                            await self.then(socket, session)
                    else:
                        self.others.append(event)
                        self._heard.set()
                        if isinstance(event, Pull):
                            session.send(self._answer(event))
                        if isinstance(event, Send) and (answer := self.answer_send(event)) is not None:
                            session.send(answer)
                        if isinstance(event, Del) and (answer := self.answer_del(event)) is not None:
                            session.send(answer)
                await flush(socket, session)

    def _answer_http(self, _: ServerConnection, request: Request) -> Response | None:
        """The one question that every connection begins with; whatever else is asked over HTTP has no answer."""
        if not self.answers_http or not request.path.startswith("/api/chat/deletions?"):
            return None
        self.asked_deletions.append(request.path)
        found = [(one.cid, one.seq, one.tombstone) for one in self.deletions]
        body = msgspec.msgpack.encode({"deletions": found, "more": self.more_deletions, "cursor": "next"})
        return Response(200, "OK", Headers({"Content-Length": str(len(body)), "Connection": "close"}), body)

    def _answer(self, pull: Pull) -> Page | Err:
        items = [
            Item(seq, env, 1_790_000_000_000 + seq)
            for seq, env in sorted(self.log.items())
            if pull.from_seq <= seq <= pull.to_seq
        ]
        if not items:
            return Err(ref=pull.ref, code="not_found")
        page = tuple(items[: self.page_items])
        return Page(ref=pull.ref, cid=pull.cid, items=page, more=len(items) > len(page))

    async def hear(self, kind: type[T], count: int) -> list[T]:
        """Wait for that many frames of one kind."""
        async with asyncio.timeout(WAIT_S):
            while len(found := [frame for frame in self.others if isinstance(frame, kind)]) < count:
                self._heard.clear()
                await self._heard.wait()
        return found

    @property
    def pulls(self) -> list[tuple[int, int]]:
        return [(frame.from_seq, frame.to_seq) for frame in self.others if isinstance(frame, Pull)]

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        subprotocols = None if self.subprotocol is None else [Subprotocol(self.subprotocol)]
        async with serve(self, "127.0.0.1", 0, subprotocols=subprotocols, process_request=self._answer_http) as server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def flush(socket: ServerConnection, session: ServerSession) -> None:
    for frame in session.frames_to_send():
        await socket.send(frame)


def saying(frames: Iterable[Frame]) -> Callable[[ServerConnection, ServerSession], Awaitable[None]]:
    """What a script does once the client is in: say this."""
    said = tuple(frames)

    async def say(socket: ServerConnection, session: ServerSession) -> None:
        for frame in said:
            session.send(frame)
        await flush(socket, session)

    return say


@asynccontextmanager
async def bob_on(script: Script, store: Store) -> AsyncIterator[Client]:
    """Bob's client, talking to a script."""
    script.link_head = BOB.chain.head
    async with (
        script.listening() as url,
        Client.open(store, clock=SystemClock(), random_bytes=system_random, server_url=url) as client,
    ):
        yield client
