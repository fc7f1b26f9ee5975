"""What stands between a desk and its server: an appliance that opens TLS, a proxy that asks for a password.  Real ones.

Every connection here goes over TLS to a gateway of this file, which hands the bytes to the real server.
"""

import asyncio
import base64
import contextlib
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from clients.desktop.policy import Policy, PolicyRefused
from clients.desktop.sync.trust import authorities
from clients.desktop.sync.ways import Letter
from miss.base.clock import SystemClock
from miss.client.events import ConnectionState
from miss.directory.sample.people import ANNE_MODELE
from tests.clients.desktop.desk import Desk
from tests.miss.client.chat_server import ChatServer

pytestmark = pytest.mark.desktop
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
DAY = dt.timedelta(days=1)


def certificate(
    folder: Path, name: str, organisation: str, host: str = "127.0.0.1", age: dt.timedelta = dt.timedelta()
) -> Path:
    """A certificate of its own making for `host`, with its key, as one PEM file; made `age` ago, for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    made = SystemClock().now() - dt.timedelta(hours=1) - age
    shown = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(made)
        .not_valid_after(made + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(shown.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def showing(pem: Path) -> ssl.SSLContext:
    """Over TLS with a certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    return context


@contextlib.asynccontextmanager
async def listening(serve: Serve, pem: Path | ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Something that listens on a free port, over TLS with a certificate."""
    context = showing(pem) if isinstance(pem, Path) else pem
    open_: set[asyncio.StreamWriter] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in open_:
            writer.transport.abort()


async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: list[bytes] | None = None) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            if heard is not None:
                heard.append(data)
            writer.write(data)
            await writer.drain()
    writer.close()


def to_port(port: int, heard: list[bytes] | None = None) -> Serve:
    """Hand everything to a port of this machine, both ways; `heard`: what was said to it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pour(reader, back, heard), pour(there, writer))

    return serve


def proxy(user: str, password: str, asked: list[str]) -> Serve:
    """A proxy as hospitals have them: CONNECT only, for who says name and password (RFC 9110 §9.3.6, §11.7)."""
    wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _version = head[0].split(" ")
        said = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in head[1:])}
        asked.append(f"{method} {target}")
        if method != "CONNECT" or said.get("proxy-authorization") != wanted:
            writer.write(
                b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                b'Proxy-Authenticate: Basic realm="CH"\r\nContent-Length: 0\r\n\r\n'
            )
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await to_port(int(target.rpartition(":")[2]))(reader, writer)

    return serve


async def refusal(desk: Desk, way: Letter) -> str:
    """What a person reads when linking does not work."""
    with pytest.raises(AssertionError) as refused:
        await desk.enrol(way)
    return str(refused.value)


async def test_an_appliance_that_opens_tls_is_refused_by_name(
    server: ChatServer, desks: Callable[..., Desk], tmp_path: Path
) -> None:
    true = certificate(tmp_path, "MiSS", "Serveur fictif")
    appliance = certificate(tmp_path, "Inspection TLS", "CH de Ville-Exemple")
    desk = desks("desk", policy=Policy(authority_file=str(true)))
    heard: list[bytes] = []
    way = Letter("", ANNE_MODELE, await server.activate(ANNE_MODELE), server.signer.root_fingerprint)
    async with listening(to_port(server.port, heard), appliance) as port:
        sentence = await refusal(desk, Letter(f"https://127.0.0.1:{port}", way.rpps, way.code, way.fingerprint))
        assert "CH de Ville-Exemple, Inspection TLS" in sentence
        assert "service informatique" in sentence
        assert heard == [], "nothing was said through it"

    # The same port, first with the true certificate, then opened on its way: the desk that worked stops.
    shown, travellers = showing(true), list[asyncio.StreamWriter]()
    is_opened, passed = asyncio.Event(), list[bytes]()

    async def road(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        travellers.append(writer)
        await to_port(server.port, passed if is_opened.is_set() else None)(reader, writer)

    async with listening(road, shown) as port:
        await desk.enrol(Letter(f"https://127.0.0.1:{port}", way.rpps, way.code, way.fingerprint))
        await desk.until(lambda: desk.state.is_synced)
        shown.load_cert_chain(appliance)
        is_opened.set()
        for one in travellers:
            one.transport.abort()
        await desk.until(lambda: "CH de Ville-Exemple" in desk.state.obstacle)
        assert passed == []


@pytest.mark.parametrize(
    ("host", "age", "said"),
    [("127.0.0.2", dt.timedelta(), "un autre nom"), ("127.0.0.1", 3 * DAY, "date de cet ordinateur")],
)
async def test_a_wrong_name_and_a_wrong_date_are_told_apart(
    server: ChatServer, desks: Callable[..., Desk], tmp_path: Path, host: str, age: dt.timedelta, said: str
) -> None:
    shown = certificate(tmp_path, "MiSS", "Serveur fictif", host, age)
    desk = desks("desk", policy=Policy(authority_file=str(shown)))
    async with listening(to_port(server.port), shown) as port:
        way = Letter(f"https://127.0.0.1:{port}", ANNE_MODELE, "AAAA", server.signer.root_fingerprint)
        assert said in await refusal(desk, way)


async def test_a_proxy_with_a_password(
    server: ChatServer, desks: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = certificate(tmp_path, "MiSS", "Serveur fictif")
    appliance = certificate(tmp_path, "Inspection TLS", "CH de Ville-Exemple")
    desk = desks("desk", policy=Policy(authority_file=str(true)))
    asked: list[str] = []
    code = await server.activate(ANNE_MODELE)
    async with (
        listening(to_port(server.port), true) as port,
        listening(to_port(server.port), appliance) as opened,
        listening(proxy("anne", "pass:word", asked)) as way_out,
    ):
        url = f"https://127.0.0.1:{port}"
        fingerprint = server.signer.root_fingerprint
        for name in ("NO_PROXY", "no_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{way_out}")
        assert "identifiant" in await refusal(desk, Letter(url, ANNE_MODELE, code, fingerprint))
        monkeypatch.setenv("HTTPS_PROXY", f"http://anne:pass%3Aword@127.0.0.1:{way_out}")
        behind = Letter(f"https://127.0.0.1:{opened}", ANNE_MODELE, code, fingerprint)
        assert "CH de Ville-Exemple" in await refusal(desk, behind), "its name is read through the proxy as well"
        await desk.enrol(Letter(url, ANNE_MODELE, code, fingerprint))
        await desk.until(lambda: desk.state.is_synced and desk.state.connection is ConnectionState.OPEN)
        assert set(asked) == {f"CONNECT 127.0.0.1:{port}", f"CONNECT 127.0.0.1:{opened}"}

        monkeypatch.setenv("HTTPS_PROXY", f"http://anne:wrong@127.0.0.1:{way_out}")
        await desk.ask(lambda account: account.try_now())
        await desk.until(lambda: "identifiant" in desk.state.obstacle)
        monkeypatch.setenv("HTTPS_PROXY", f"http://anne:pass%3Aword@127.0.0.1:{way_out}")
        await desk.ask(lambda account: account.try_now())
        await desk.until(lambda: desk.state.connection is ConnectionState.OPEN)
        assert desk.state.obstacle == "", "what works is not complained of"


def test_a_file_of_authorities_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert authorities(Policy()).get_ca_certs(), "public ones, where IT names none"
    for content in (None, "no certificate"):
        path = tmp_path / "ca.pem"
        if content is not None:
            path.write_text(content)
        with pytest.raises(PolicyRefused) as refused:
            authorities(Policy(authority_file=str(path)))
        assert refused.value.params["where"] == "authority_file: ca.pem"
