"""The line to one client: what the chat needs of a WebSocket beyond ASGI, and how it does without.

ASGI hands over one message at a time, each through a coroutine of its own.  For an envelope that goes to ten sockets
that is most of the work, so a server may offer more under `EXTENSION` in the scope: write several messages with one
system call, be called when a message comes in.  Ours does (`miss.server.websocket`); under any other ASGI server the
same chat runs on `AsgiLine`.  protocol §7, ADR 21
"""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Protocol, cast

from starlette.websockets import WebSocket, WebSocketDisconnect

EXTENSION = "miss.line"
"""Key in the scope's `extensions`; its value is a `DirectLine`."""

Incoming = bytes | None
"""One binary message; None: a text message, which the protocol does not know."""


class Listener(Protocol):
    """Who is told what happens on a line.  Called on the event loop; must not block."""

    def take(self, data: Incoming) -> bool:
        """A message came in; False: not yet another one, until `resume`."""
        ...

    def drained(self) -> None:
        """The line takes more."""
        ...

    def gone(self) -> None:
        """The peer is not there any more."""
        ...


class Line(Protocol):
    """One open WebSocket."""

    @property
    def is_writable(self) -> bool:
        """False while the peer reads too slowly: what is written now would only fill memory."""
        ...

    def write(self, messages: Sequence[bytes]) -> None:
        """Send binary messages, in order; nothing happens on a line that is closing."""
        ...

    def resume(self) -> None:
        """Take messages in again."""
        ...

    async def wait_writable(self) -> None:
        """Return once what was written has left, more or less; lasts as long as the peer reads nothing."""
        ...

    async def end(self) -> None:
        """Nothing more will be written or read."""
        ...


class DirectLine(Line, Protocol):
    """What a server offers under `EXTENSION`."""

    def attach(self, listener: Listener) -> None:
        """Tell `listener` from now on, instead of queueing for `receive`."""
        ...


def open_line(websocket: WebSocket, listener: Listener) -> Line:
    """The line of an accepted WebSocket, the server's own if it has one."""
    direct = websocket.scope.get("extensions", {}).get(EXTENSION)
    if direct is None:
        return AsgiLine(websocket, listener)
    line = cast(DirectLine, direct)
    line.attach(listener)
    return line


class AsgiLine:
    """A line over plain ASGI: a task that reads and, while there is something to write, one that writes."""

    def __init__(self, websocket: WebSocket, listener: Listener) -> None:
        self._websocket = websocket
        self._listener = listener
        self._readable = asyncio.Event()
        self._readable.set()
        self._writer: asyncio.Task[None] | None = None
        self._reader = asyncio.create_task(self._read(), name="miss.chat.reader")

    @property
    def is_writable(self) -> bool:
        return self._writer is None

    def write(self, messages: Sequence[bytes]) -> None:
        self._writer = asyncio.create_task(self._write(messages), name="miss.chat.writer")

    def resume(self) -> None:
        self._readable.set()

    async def wait_writable(self) -> None:
        if self._writer is not None:
            await self._writer

    async def end(self) -> None:
        tasks = [task for task in (self._reader, self._writer) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _write(self, messages: Sequence[bytes]) -> None:
        # The ways of Starlette and its servers to say that the peer went away while we wrote.
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
            for data in messages:
                await self._websocket.send_bytes(data)
            self._writer = None
            self._listener.drained()
            return
        self._listener.gone()

    async def _read(self) -> None:
        while True:
            await self._readable.wait()
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                self._listener.gone()
                return
            if not self._listener.take(message.get("bytes")):
                self._readable.clear()
