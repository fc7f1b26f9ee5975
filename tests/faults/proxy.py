"""A line between two programs that can be cut, held, slowed and left half-open: what netem would do, without root.

Bytes are never lost inside a connection that goes on, as TCP would not lose them: a held line delivers everything
once it is released, or is cut.
"""

import asyncio
import ctypes
import socket
import struct
from collections import deque
from collections.abc import Callable

LOOPBACK = "127.0.0.1"
_SO_ATTACH_FILTER = 26
_BPF_RETURN = 0x06


class Proxy:
    """Listens on a port of its own and passes connections on to wherever `target` says."""

    def __init__(self, target: Callable[[], int]) -> None:
        """`target`: the port to pass new connections to, asked for each of them."""
        self._target = target
        self._ends: set[_End] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._server: asyncio.Server | None = None
        self.port = 0
        self._is_closed = False
        self.is_held = False
        self.delay_s = 0.0

    async def start(self) -> None:
        self._server = await asyncio.get_running_loop().create_server(lambda: _End(self), LOOPBACK, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        self._is_closed = True
        if self._server is not None:
            self._server.close()
        self.cut()
        await self._empty.wait()

    def cut(self) -> None:
        """End every connection at once, on both sides, whatever was on its way."""
        for end in tuple(self._ends):
            end.cut()

    def lose(self) -> None:
        """Half-open: the far program sees every connection end; what the near one sends is not even received.

        New connections pass: a machine lost its power, and another one has taken its address.
        """
        for end in tuple(self._ends):
            end.lose()

    def hold(self) -> None:
        """From now on nothing passes and nothing breaks: what a partition looks like from inside."""
        self.is_held = True
        for end in self._ends:
            end.pause()

    def release(self) -> None:
        """Everything that was held arrives."""
        self.is_held = False
        for end in tuple(self._ends):
            end.resume()

    def __len__(self) -> int:
        """Ends of connections that are open."""
        return len(self._ends)

    # What the ends call

    def enter(self, end: "_End") -> None:
        """A connection has one more end."""
        self._ends.add(end)
        self._empty.clear()
        if self._is_closed:  # the kernel had taken it in already
            end.cut()
        elif self.is_held:
            end.pause()

    def leave(self, end: "_End") -> None:
        """An end is gone."""
        self._ends.discard(end)
        if not self._ends:
            self._empty.set()

    async def connect(self, near: "_End") -> "_End":
        """The far end for a connection that came in.  Raises OSError if nobody listens there."""
        _, far = await asyncio.get_running_loop().create_connection(lambda: _End(self, near), LOOPBACK, self._target())
        return far


class _End(asyncio.Protocol):
    """One of the two sockets of a connection; what it receives its partner writes."""

    _transport: asyncio.Transport

    def __init__(self, proxy: Proxy, partner: "_End | None" = None) -> None:
        """`partner`: None at the near end, which has none until the far one is connected."""
        self._proxy = proxy
        self._partner = partner
        self._is_near = partner is None
        self._queue: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._connecting: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._proxy.enter(self)
        if self._partner is None:
            self._connecting = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        self._transport.pause_reading()
        try:
            self._partner = await self._proxy.connect(self)
        except OSError:
            self.cut()
            return
        if not self._proxy.is_held:
            self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._queue.append((loop.time() + self._proxy.delay_s, data))
        self._pass_on()

    def _pass_on(self) -> None:
        """Hand over what has waited long enough; in order, also when the delay changes."""
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._queue and self._queue[0][0] <= loop.time():
            _, data = self._queue.popleft()
            if self._partner is not None:
                self._partner.write(data)
        if self._queue:
            self._timer = loop.call_at(self._queue[0][0], self._pass_on)

    def write(self, data: bytes) -> None:
        """Send to the program at this end."""
        self._transport.write(data)

    def pause(self) -> None:
        self._transport.pause_reading()

    def resume(self) -> None:
        if self._partner is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def cut(self) -> None:
        self._queue.clear()
        self._transport.abort()

    def lose(self) -> None:
        """A near end goes deaf, a far one is cut."""
        partner, self._partner = self._partner, None
        if self._is_near and partner is not None:
            deafen(self._transport.get_extra_info("socket"))
        else:
            self.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        self._proxy.leave(self)
        if self._connecting is not None:
            self._connecting.cancel()
        if self._timer is not None:
            self._timer.cancel()
        if self._partner is not None:
            self._partner.cut()


def deafen(sock: socket.socket) -> None:
    """Drop whatever arrives before the kernel takes note of it: to the peer, the machine is gone.

    A filter that lets nothing pass (Linux, socket(7): SO_ATTACH_FILTER) comes before the acknowledgement.
    """
    nothing = ctypes.create_string_buffer(struct.pack("=HBBI", _BPF_RETURN, 0, 0, 0))
    program = struct.pack("HP", 1, ctypes.addressof(nothing))
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
