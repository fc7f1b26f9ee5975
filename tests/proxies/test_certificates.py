"""A renewed certificate is taken into use without a pause: whoever is connected stays, whoever comes sees the new one.

Second tier (mark `proxy`).  Experiment 16 of security.md §3; `miss check` names a certificate 30 days
before its end, `tests/miss/server/examination/test_certificates.py`.
"""

import asyncio
import shutil
import signal
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn

from tests.conditions import WAIT_S
from tests.conformance.echo import config_on
from tests.conformance.test_cases import BINARY, OPENING, Peer, frame
from tests.proxies.test_proxies import adapted, command, make_certificate
from tests.servers import free_port

pytestmark = pytest.mark.proxy


@asynccontextmanager
async def echo() -> AsyncIterator[int]:
    """A server whose sockets say what they are told."""
    server = uvicorn.Server(config_on(free_port()))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    yield server.config.port
    server.should_exit = True
    await serving


async def connect(port: int, trust: Path) -> Peer | None:
    """A socket through the proxy, by whoever trusts that certificate alone; None: it is another one."""
    try:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=ssl.create_default_context(cafile=str(trust)), server_hostname="127.0.0.1"
        )
    except (ssl.SSLError, OSError):
        return None
    writer.write(OPENING.replace(b"GET / ", b"GET /api/chat/socket "))
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    return Peer(reader, writer)


async def until_connected(port: int, trust: Path) -> Peer:
    """A socket once the proxy shows that certificate."""
    async with asyncio.timeout(WAIT_S):
        while (peer := await connect(port, trust)) is None:  # noqa: ASYNC110 - in another process
            await asyncio.sleep(0.05)
        return peer


async def says_back(peer: Peer, word: bytes) -> bool:
    peer.say(frame(BINARY, word))
    return await peer.hear(1) == [(BINARY, word)]


async def test_a_renewed_certificate_drops_nobody(tmp_path: Path) -> None:
    old, new, port = tmp_path / "old.pem", tmp_path / "new.pem", free_port()
    make_certificate(tmp_path)
    shutil.copy(tmp_path / "fullchain.pem", old)
    program, *arguments = command("nginx.conf", adapted("nginx.conf", tmp_path, port, (free_port(), free_port())))
    async with echo() as behind:
        config = tmp_path / "nginx.conf"
        text = config.read_text()
        for line in [line for line in text.splitlines() if line.strip().startswith("server 127.0.0.1:")]:
            text = text.replace(line, f"        server 127.0.0.1:{behind};", 1)
        config.write_text(text)
        found = shutil.which(program, path="/usr/sbin:/usr/bin")
        assert found is not None, f"{program} is not installed: apt-get install nginx-light"
        proxy = await asyncio.create_subprocess_exec(found, *arguments)
        try:
            before = await until_connected(port, old)
            assert await says_back(before, b"before")
            make_certificate(tmp_path)
            shutil.copy(tmp_path / "fullchain.pem", new)
            assert await connect(port, new) is None, "files alone change nothing"
            proxy.send_signal(signal.SIGHUP)  # systemctl reload nginx
            after = await until_connected(port, new)
            assert await says_back(after, b"after")
            assert await connect(port, old) is None
            assert await says_back(before, b"still here"), "who was connected stays"
        finally:
            proxy.terminate()
            await proxy.wait()
        for peer in (before, after):
            peer.writer.close()
