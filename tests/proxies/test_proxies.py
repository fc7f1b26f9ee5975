"""The reverse proxies of `deploy/`, as shipped, before two real servers: nginx and HAProxy from Debian.

Second tier (`python3 run.py test -m proxy`): `.ci/run` installs both.
"""

import asyncio
import contextlib
import datetime as dt
import os
import shutil
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from itertools import count
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.client import Client, Store, key_from_file, link_device
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample import open_register
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from miss.protocol.limits import MAX_BLOB_BYTES
from miss.protocol.wire.frames import SUBPROTOCOL
from miss.server.doors import Server
from tests.conditions import WAIT_S
from tests.miss.server.running import serving, settings_in
from tests.servers import free_port

pytestmark = pytest.mark.proxy

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
UNKNOWN_PER_ADDRESS = 3


@dataclass
class Site:
    """A proxy with TLS, and the servers behind it."""

    url: str
    port: int
    trust: ssl.SSLContext
    servers: tuple[Server, Server]
    stop_first: contextlib.AsyncExitStack

    def http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, verify=self.trust, trust_env=False, timeout=WAIT_S)


def make_certificate(folder: Path) -> None:
    """A key and a certificate for 127.0.0.1 that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = SystemClock().now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    chain = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "fullchain.pem").write_bytes(chain)
    (folder / "privkey.pem").write_bytes(secret)
    (folder / "miss.pem").write_bytes(chain + secret)


def adapted(name: str, folder: Path, port: int, servers: tuple[int, int]) -> Path:
    """The shipped file with this machine's paths and ports, and nothing else changed."""
    text = (DEPLOY / name).read_text()
    changes = {
        "/etc/ssl/miss": str(folder),
        "listen 443": f"listen 127.0.0.1:{port}",
        "bind :443": f"bind 127.0.0.1:{port}",
        "127.0.0.1:8081": f"127.0.0.1:{servers[0]}",
        "127.0.0.1:8082": f"127.0.0.1:{servers[1]}",
        "pid nginx.pid": f"pid {folder}/nginx.pid",
    }
    for old, new in changes.items():
        text = text.replace(old, new)
    path = folder / name
    path.write_text(text)
    return path


def command(name: str, config: Path) -> list[str]:
    if name == "nginx.conf":
        return ["nginx", "-p", str(config.parent), "-c", str(config), "-g", "daemon off;"]
    return ["haproxy", "-db", "-q", "-f", str(config)]


@contextlib.asynccontextmanager
async def running_proxy(name: str, config: Path, port: int) -> AsyncIterator[None]:
    program, *arguments = command(name, config)
    # Debian keeps both in /usr/sbin, which is not on everybody's path.
    found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    assert found is not None, f"{program} is not installed: apt-get install nginx-light haproxy"
    process = await asyncio.create_subprocess_exec(found, *arguments)
    try:
        async with asyncio.timeout(WAIT_S):
            while not await is_listening(port):
                assert process.returncode is None, f"{program} has ended: {process.returncode}"
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def is_listening(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


@pytest.fixture(params=["nginx.conf", "haproxy.cfg"])
async def site(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Site]:
    name: str = request.param
    make_certificate(tmp_path)
    port = free_port()
    url = f"https://127.0.0.1:{port}"
    async with contextlib.AsyncExitStack() as stack:
        settings = [
            settings_in(
                tmp_path,
                public_url=url,
                trusted_proxies="127.0.0.1",
                port=free_port(),
                sockets_unknown_per_address=UNKNOWN_PER_ADDRESS,
            )
            for _ in range(2)
        ]
        first = await stack.enter_async_context(contextlib.AsyncExitStack())
        servers = (
            await first.enter_async_context(serving(settings[0])),
            await stack.enter_async_context(serving(settings[1])),
        )
        config = adapted(name, tmp_path, port, (settings[0].port, settings[1].port))
        await stack.enter_async_context(running_proxy(name, config, port))
        trust = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))
        yield Site(url, port, trust, servers, first)


async def arrive(site: Site, rpps: str, folder: Path) -> Store:
    """A person with a device, linked through the proxy."""
    house = site.servers[0].house
    practitioner = await house.practitioners.find_by_rpps(rpps)
    assert practitioner is not None
    account = await house.accounts.open(practitioner.id, by="test")
    await house.accounts.verify(account.uid, "test")
    code = (await house.accounts.issue_activation(account.uid, ActivationPurpose.DEVICE, "test")).code
    store = Store(folder / f"{rpps}.db", key_from_file(folder / f"{rpps}.key", system_random), system_random)
    await link_device(
        store,
        site.url,
        rpps=rpps,
        code=code,
        device_name="Poste",
        expected_fingerprint=site.servers[0].chat.signer.root_fingerprint,
        clock=SystemClock(),
        random_bytes=system_random,
        ssl_context=site.trust,
    )
    return store


async def answer_to(site: Site, request: str) -> bytes:
    """What the proxy says to these bytes before it closes."""
    start, rest = request.split("\r\n", 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port, ssl=site.trust)
    writer.write(f"{start}\r\nHost: 127.0.0.1\r\nConnection: close\r\n{rest}".encode())
    await writer.drain()
    async with asyncio.timeout(WAIT_S):
        answer = await reader.read()
    writer.close()
    return answer


async def test_two_people_write_through_the_proxy(site: Site, tmp_path: Path) -> None:
    with open_register() as lines:
        await site.servers[0].house.practitioners.import_register(lines)
    with (
        await arrive(site, ANNE_MODELE, tmp_path) as anne_store,
        await arrive(site, PAUL_EXEMPLE, tmp_path) as paul_store,
    ):
        open_on = partial(Client.open, clock=SystemClock(), random_bytes=system_random, ssl_context=site.trust)
        async with asyncio.timeout(WAIT_S), open_on(anne_store) as anne, open_on(paul_store) as paul:
            await anne.wait_synced()
            await paul.wait_synced()
            cid = await anne.create_conversation([paul.uid])
            assert await anne.wait_sent(anne.send_text(cid, "Par le mandataire")) == 1


async def test_a_socket_of_a_foreign_page_is_refused(site: Site) -> None:
    socket_url = site.url.replace("https", "wss") + "/api/chat/socket"
    open_from = partial(connect, socket_url, subprotocols=[Subprotocol(SUBPROTOCOL)], ssl=site.trust, proxy=None)
    async with open_from(origin=Origin(site.url)) as websocket:
        assert await websocket.recv()
    with pytest.raises(InvalidStatus, match="403"):
        async with open_from(origin=Origin("https://evil.example")):
            pass


async def test_the_servers_count_by_the_clients_address(site: Site) -> None:
    """The whole of it: no client is believed about its own address, and the refusal passes the proxy as it is."""
    socket_url = site.url.replace("https", "wss") + "/api/chat/socket"
    numbers = count(1)

    def open_one() -> connect:
        return connect(
            socket_url,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            ssl=site.trust,
            proxy=None,
            additional_headers={
                "X-Forwarded-For": f"203.0.113.{next(numbers)}",
                "Forwarded": f"for=203.0.113.{next(numbers)}",
            },
        )

    async with contextlib.AsyncExitStack() as stack:
        # Each of the two servers counts its own: there is no broker here.
        for _ in range(2 * UNKNOWN_PER_ADDRESS):
            await stack.enter_async_context(open_one())
        for _ in range(2):
            with pytest.raises(InvalidStatus) as refused:
                await stack.enter_async_context(open_one())
            assert refused.value.response.status_code == 429
            assert refused.value.response.headers["Retry-After"] == "10"


async def test_metrics_stay_inside(site: Site) -> None:
    async with site.http() as http:
        assert (await http.get("/health")).status_code == 200
        assert (await http.get("/metrics")).status_code == 404


async def test_a_body_beyond_every_cap_stops_at_the_proxy(site: Site) -> None:
    # Only announced: a body already on its way may cost the sender the answer.
    size_bytes = MAX_BLOB_BYTES + 2_000_000
    over = await answer_to(site, f"POST /api/chat/blobs HTTP/1.1\r\nContent-Length: {size_bytes}\r\n\r\n")
    assert over.startswith(b"HTTP/1.1 413 ")
    form = await answer_to(site, f"POST /images/envoi HTTP/1.1\r\nContent-Length: {85 << 20}\r\n\r\n")
    assert form.startswith(b"HTTP/1.1 413 ")
    async with site.http() as http:
        # Photographs of a telephone, several in one form: the server is asked.
        asked = await http.post("/images/envoi", content=bytes(size_bytes))
        assert asked.status_code != 413
        # As large as an attachment may be: the server is asked, and asks who we are.
        allowed = await http.post("/api/chat/blobs", content=bytes(MAX_BLOB_BYTES))
        assert allowed.status_code == 401


async def test_headers_that_never_end_are_cut(site: Site) -> None:
    answer = await answer_to(site, "GET / HTTP/1.1\r\nX-Slow: ")
    assert b" 200 " not in answer


async def test_one_server_less_is_not_seen(site: Site) -> None:
    async with site.http() as http:
        assert (await http.get("/health")).status_code == 200
        await site.stop_first.aclose()
        answers = [(await http.get("/health")).status_code for _ in range(6)]
        assert answers == [200] * 6


def test_the_files_name_the_ports_of_the_composition() -> None:
    compose = (DEPLOY.parent / "compose.yaml").read_text()
    for name in ("nginx.conf", "haproxy.cfg"):
        for port in ("127.0.0.1:8081", "127.0.0.1:8082"):
            assert port in (DEPLOY / name).read_text()
            assert f"{port}:8080" in compose
