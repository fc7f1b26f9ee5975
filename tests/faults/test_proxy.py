"""The line that can be cut, held and slowed, between two real programs of this test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.faults.proxy import LOOPBACK, Proxy

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Echo(asyncio.Protocol):
    """A program that says everything back."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """In front of an echo."""
    server = await asyncio.get_running_loop().create_server(Echo, LOOPBACK, 0)
    port: int = server.sockets[0].getsockname()[1]
    proxy = Proxy(lambda: port)
    await proxy.start()
    yield proxy
    await proxy.close()
    server.close()
    await server.wait_closed()


@asynccontextmanager
async def connected(proxy: Proxy) -> AsyncIterator[Streams]:
    """A connection through the line."""
    reader, writer = await asyncio.open_connection(LOOPBACK, proxy.port)
    yield reader, writer
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def ends(reader: asyncio.StreamReader) -> bool:
    """True once the connection is over, politely or not."""
    with contextlib.suppress(ConnectionResetError):
        return await reader.read() == b""
    return True


async def test_everything_passes(proxy: Proxy) -> None:
    async with connected(proxy) as (reader, writer):
        sent = bytes(range(256)) * 4096
        writer.write(sent)
        assert await reader.readexactly(len(sent)) == sent


async def test_a_cut_ends_what_is_open_and_lets_new_connections_in(proxy: Proxy) -> None:
    async with connected(proxy) as (reader, writer):
        writer.write(b"before")
        await reader.readexactly(6)
        proxy.cut()
        assert await ends(reader)
    async with connected(proxy) as (reader, writer):
        writer.write(b"after")
        assert await reader.readexactly(5) == b"after"


async def test_a_half_open_line_tells_the_near_end_nothing_and_lets_new_connections_in(proxy: Proxy) -> None:
    async with connected(proxy) as (reader, writer):
        writer.write(b"before")
        await reader.readexactly(6)
        assert len(proxy) == 2
        proxy.lose()
        async with connected(proxy) as (other_reader, other_writer):
            writer.write(b"into the void")
            other_writer.write(b"after")
            assert await other_reader.readexactly(5) == b"after"
            assert len(proxy) == 3, "the far end is gone"
            assert not reader.at_eof()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await reader.readexactly(1)


async def test_a_held_line_delivers_nothing_then_everything_in_order(proxy: Proxy) -> None:
    async with connected(proxy) as (reader, writer), connected(proxy) as (other_reader, other_writer):
        writer.write(b"0")
        await reader.readexactly(1)
        proxy.hold()
        writer.write(b"123")
        other_writer.write(b"new")
        async with connected(proxy) as (late_reader, late_writer):
            late_writer.write(b"late")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await reader.readexactly(1)
            proxy.release()
            assert await reader.readexactly(3) == b"123"
            assert await other_reader.readexactly(3) == b"new"
            assert await late_reader.readexactly(4) == b"late"


async def test_a_delay_holds_back_and_keeps_the_order_when_it_ends(proxy: Proxy) -> None:
    async with connected(proxy) as (reader, writer):
        writer.write(b"0")
        await reader.readexactly(1)
        began_s = asyncio.get_running_loop().time()
        proxy.delay_s = 0.05
        writer.write(b"slow ")
        await reader.readexactly(5)
        assert asyncio.get_running_loop().time() - began_s >= 0.1, "on both ways"
        writer.write(b"slow ")
        await asyncio.sleep(0.01)  # it has entered the line
        proxy.delay_s = 0.0
        writer.write(b"fast")
        assert await reader.readexactly(9) == b"slow fast"


async def test_who_asks_while_nobody_listens_behind_it_is_cut_off() -> None:
    proxy = Proxy(lambda: 1)
    await proxy.start()
    async with connected(proxy) as (reader, _writer):
        assert await ends(reader)
    await proxy.close()
