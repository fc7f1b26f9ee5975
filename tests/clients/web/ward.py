"""A chat server, a browser and what lies between them: for the tests of the web client's engine."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from playwright.async_api import Browser, WebSocketRoute

from miss.base.ids import ConversationId
from tests.clients.web.tabs import Machine, Tab
from tests.miss.client.chat_server import ChatServer

SEND: Final = 5
ACK: Final = 6
EPOCH: Final = 12
"""Kinds of frames.  protocol §7"""


@dataclass
class Ward:
    """A server, a browser, and Claire's machine in it."""

    server: ChatServer
    browser: Browser
    script: str

    async def machine(self) -> Machine:
        return Machine(await self.browser.new_context(), self.server.url, self.script)

    async def link(self, rpps: str, name: str = "claire", machine: Machine | None = None) -> Tab:
        """A browser made this person's first device by the letter."""
        tab = await (machine or await self.machine()).open(name)
        code = await self.server.activate(rpps)
        await tab.enrol("link", rpps, code, self.server.signer.root_fingerprint, name)
        await tab.wait_for("synced")
        return tab


class Wire:
    """Between a machine's pages and the server: remembers what was deposited, swallows what the server says."""

    def __init__(self) -> None:
        self.swallows = 0
        """A kind of frame that does not reach the page."""
        self.shifts_acks = False
        """True: the server says of each deposit that it stands one place further."""
        self.deposits: list[list[Any]] = []

    def connect(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def up(frame: str | bytes) -> None:
            if frame[1] == SEND:
                self.deposits.append(msgspec.msgpack.decode(_bytes(frame)))
            server.send(frame)

        def down(frame: str | bytes) -> None:
            if frame[1] == ACK and self.shifts_acks:
                kind, ref, mid, seq, *more = msgspec.msgpack.decode(_bytes(frame))
                socket.send(msgspec.msgpack.encode([kind, ref, mid, seq + 1, *more]))
            elif frame[1] != self.swallows:
                socket.send(frame)

        socket.on_message(up)
        server.on_message(down)


def _bytes(frame: str | bytes) -> bytes:
    return frame if isinstance(frame, bytes) else frame.encode()


def cid_of(text: str) -> ConversationId:
    return ConversationId(bytes.fromhex(text))
