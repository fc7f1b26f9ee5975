"""Our WebSocket layer with nothing behind it but an echo, for suites that test the standard: RFC 6455.

    python -m tests.conformance.echo PORT

It says `listening` once it does.
Binary messages take the direct line that the chat takes; texts, which the chat refuses, are given back by the parser.
"""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from socket import socket
from typing import Any

import uvicorn
from websockets.exceptions import InvalidState

from miss.chat.line import EXTENSION, DirectLine, Incoming
from miss.server.websocket import DirectWebSocket

MAX_MESSAGE_BYTES = 17 * 1024 * 1024
"""Suites send up to 16 MiB."""


class EchoSocket(DirectWebSocket):
    """`DirectWebSocket` whose texts come back as texts."""

    def send_receive_event_to_app(self) -> None:
        if self.curr_msg_data_type == "bytes" or self.close_sent:
            super().send_receive_event_to_app()
            return
        text = bytes(self.frames[0] if len(self.frames) == 1 else b"".join(self.frames))
        self.frames = []
        try:
            text.decode()
        except UnicodeDecodeError:  # as uvicorn does where it hands texts over
            self.conn.send_close(1007)
            self.handle_parser_exception()
            return
        with suppress(InvalidState):  # a close came in the same segment
            self.conn.send_text(text)
            self.transport.write(b"".join(self.conn.data_to_send()))


class _Ear:
    def __init__(self, line: DirectLine) -> None:
        self._line = line
        self.over = asyncio.Event()

    def take(self, data: Incoming) -> bool:
        self._line.write([data or b""])
        return True

    def drained(self) -> None:
        """A suite reads what it gets."""

    def gone(self) -> None:
        self.over.set()


async def echo(scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    """The application: everything is said on the line."""
    await receive()
    await send({"type": "websocket.accept"})
    ear = _Ear(scope["extensions"][EXTENSION])
    scope["extensions"][EXTENSION].attach(ear)
    await ear.over.wait()


def config_on(port: int) -> uvicorn.Config:
    """As `miss.server.doors` configures it, with room for a suite's messages."""
    return uvicorn.Config(
        echo,
        host="127.0.0.1",
        port=port,
        interface="asgi3",
        ws=EchoSocket,
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        ws_max_size=MAX_MESSAGE_BYTES,
        lifespan="off",
        log_level="warning",
        access_log=False,
    )


class _Telling(uvicorn.Server):
    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        print("listening", flush=True)


if __name__ == "__main__":
    _Telling(config_on(int(sys.argv[1]))).run()
