"""The physical limit: a message in, prepared frames out to everybody else of the group.  No login, no store, no rule.

    python -m bench.fanout_server --port P --group 10 --frame-bytes N --ack-bytes N --layer uvicorn | asgi | picows

`uvicorn`: a small protocol class behind uvicorn's own interface writes whole frames to the transport, those of one
turn of the event loop joined into one write per socket: the layer that MiSS's fast path uses.  `asgi`: the ordinary
way, one ASGI `send` a frame.  `picows`: a WebSocket layer in C, for comparison, if it is installed.
"""

import argparse
import asyncio
import socket
from importlib import import_module
from typing import Any, ClassVar

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from bench.load.miss_target import ACK, MSG

LOOPBACK = "127.0.0.1"


def server_frame(kind: int, payload_bytes: int) -> bytes:
    """A whole WebSocket frame as servers send it, whose payload begins like a frame of this kind."""
    payload = bytes((0x95, kind)) + bytes(payload_bytes - 2)
    head = bytes((0x82, 126)) + payload_bytes.to_bytes(2, "big")
    return (head if payload_bytes > 125 else bytes((0x82, payload_bytes))) + payload


class Hall:
    """Who is there, and the two frames anybody ever gets."""

    def __init__(self, group: int, msg: bytes, ack: bytes) -> None:
        self.group = group
        self.msg, self.ack = msg, ack
        self._seats: dict[int, Any] = {}
        self._waiting: dict[Any, list[bytes]] = {}

    def enter(self, user: int, transport: Any) -> None:
        """`transport`: whatever has `write(bytes)`."""
        self._seats[user] = transport

    def message(self, user: int) -> None:
        """One came from `user`: everybody's frame is queued until this turn of the loop is over."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        waiting, first = self._waiting, user - user % self.group
        for other in range(first, first + self.group):
            if transport := self._seats.get(other):
                waiting.setdefault(transport, []).append(self.ack if other == user else self.msg)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for transport, frames in waiting.items():
            transport.write(b"".join(frames))


class FanoutProtocol(WebSocketsSansIOProtocol):
    """uvicorn's protocol until the handshake is over; then messages go to the hall, past ASGI."""

    hall: ClassVar[Hall]
    _user: int

    async def send(self, message: Any) -> None:
        """What the application says: only that it accepts."""
        await super().send(message)
        self._user = int(self.scope["path"].lstrip("/"))
        self.hall.enter(self._user, self.transport)

    def handle_bytes(self, event: Frame) -> None:
        """A whole binary message."""
        self.hall.message(self._user)


async def _accept(scope: Any, receive: Any, send: Any) -> None:
    """The handshake; the protocol class does the rest."""
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


def _asgi(hall: Hall) -> Any:
    """The same through ASGI, as any framework does it."""
    sends: dict[int, Any] = {}
    msg, ack = ({"type": "websocket.send", "bytes": frame[4:]} for frame in (hall.msg, hall.ack))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        user = int(scope["path"].lstrip("/"))
        await receive()
        await send({"type": "websocket.accept"})
        sends[user] = send
        first = user - user % hall.group
        while (await receive())["type"] == "websocket.receive":
            for other in range(first, first + hall.group):
                if other in sends:
                    await sends[other](ack if other == user else msg)

    return app


async def _serve_picows(port: int, hall: Hall) -> None:
    # Not a dependency, hence neither imported above nor typed.
    picows: Any = import_module("picows")

    class Listener(picows.WSListener):  # type: ignore[misc]
        def __init__(self, user: int) -> None:
            super().__init__()
            self._user = user

        def on_ws_connected(self, transport: Any) -> None:
            hall.enter(self._user, transport.underlying_transport)

        def on_ws_frame(self, _transport: Any, frame: Any) -> None:
            if frame.msg_type == picows.WSMsgType.BINARY:
                hall.message(self._user)

    def enter(request: Any) -> Listener:
        return Listener(int(request.path.decode().lstrip("/")))

    server = await picows.ws_create_server(enter, LOOPBACK, port)
    await server.serve_forever()


def main() -> None:
    """Serve until the process ends."""
    parser = argparse.ArgumentParser()
    for name in ("port", "group", "frame-bytes", "ack-bytes"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--layer", choices=("uvicorn", "asgi", "picows"), default="uvicorn")
    asked = parser.parse_args()
    hall = Hall(asked.group, server_frame(MSG, asked.frame_bytes), server_frame(ACK, asked.ack_bytes))
    if asked.layer == "picows":
        asyncio.run(_serve_picows(asked.port, hall))
        return
    FanoutProtocol.hall = hall
    config = uvicorn.Config(
        _accept if asked.layer == "uvicorn" else _asgi(hall),
        ws=FanoutProtocol if asked.layer == "uvicorn" else "websockets-sansio",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        lifespan="off",
        log_level="error",
        access_log=False,
    )
    listener = socket.create_server((LOOPBACK, asked.port), backlog=1024)
    # As MiSS does: without it small frames wait 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
