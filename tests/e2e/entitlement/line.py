"""The way from one device to the server: it can be cut, and mended."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.miss.chat.kit import HOST


class Line:
    """A TCP relay.  While it is cut nothing passes and nothing is refused, as on a train in a tunnel."""

    def __init__(self, find_port: Callable[[], Awaitable[int]]) -> None:
        """`find_port`: the server's, once it runs."""
        self._find_port = find_port
        self._whole = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.url = ""

    async def open(self) -> None:
        """Listen, for as long as the device exists."""
        self._listener = await asyncio.start_server(self._accept, HOST, 0)
        self.url = f"http://{HOST}:{self._listener.sockets[0].getsockname()[1]}"
        self._whole.set()

    async def close(self) -> None:
        self._listener.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def is_whole(self) -> bool:
        return self._whole.is_set()

    def cut(self) -> None:
        """Drop every connection; new ones wait."""
        self._whole.clear()
        self.drop()

    def drop(self) -> None:
        """What was connected is not any more, as when the other end dies."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def mend(self) -> None:
        """Let everything pass."""
        self._whole.set()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._start(self._relay(reader, writer))

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._whole.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, await self._find_port())
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, far_writer}
        if not self._whole.is_set():
            self.drop()  # cut meanwhile
        self._start(_pump(reader, far_writer))
        self._start(_pump(far_reader, writer))


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Carry bytes one way until either side ends."""
    with suppress(OSError):
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    sink.close()
