import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from miss.outbound import Resolve
from miss.outbound.addresses import MAX_ADDRESS_CHARS
from teleexpertise.availability.calendars.errors import AddressRefused, CalendarTooLarge, CalendarUnreachable
from teleexpertise.availability.calendars.fetching import CalendarFetcher, normal_address
from teleexpertise.availability.calendars.sandbox import MAX_BYTES

LOOPBACK = ip_network("127.0.0.0/8")
HOST = "agenda.example"


def resolving(*addresses: str) -> Resolve:
    """Every name has these addresses."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


@pytest.mark.parametrize(
    "typed",
    [
        "http://agenda.example/a.ics", "ftp://agenda.example/a.ics", "file:///etc/passwd", "agenda.example/a.ics", "",
        "https://anne:secret@agenda.example/a.ics", "https://", "https://agenda.example:notaport/",
        "javascript:alert(1)",
        "https://agenda.example/\r\nHost: autre", "https://agenda.example\\@10.0.0.1/",
        f"https://a.example/{'x' * MAX_ADDRESS_CHARS}",
    ],
)  # fmt: skip
def test_only_plain_https_addresses_are_taken(typed: str) -> None:
    with pytest.raises(AddressRefused):
        normal_address(typed)


@pytest.mark.parametrize("scheme", ["webcal", "WEBCAL", "webcals", "https", "HTTPS"])
def test_what_calendars_call_webcal_is_https(scheme: str) -> None:
    assert normal_address(f" {scheme}://agenda.example/a.ics?cle=1 ") == "https://agenda.example/a.ics?cle=1"


@pytest.mark.parametrize("found", [("127.0.0.1",), ("93.184.215.14", "10.0.0.1"), ("::1",), ()])
async def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(found: tuple[str, ...]) -> None:
    with pytest.raises(AddressRefused):
        await CalendarFetcher(resolve=resolving(*found)).fetch(f"https://{HOST}/a.ics")


async def test_other_ports_are_refused_outside_of_the_named_networks() -> None:
    with pytest.raises(AddressRefused):
        await CalendarFetcher(resolve=resolving("93.184.215.14")).fetch(f"https://{HOST}:8443/a.ics")


async def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    with pytest.raises(CalendarUnreachable):
        await CalendarFetcher(resolve=nowhere).fetch(f"https://{HOST}/a.ics")


Answer = Callable[[str], bytes | Awaitable[bytes]]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and its certificate for HOST, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "host.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@asynccontextmanager
async def answering(certificate: Path, answer: bytes, *, hangs: bool = False) -> AsyncIterator[tuple[int, list[str]]]:
    """An https server on the loopback that says `answer` to everything: its port, and what it was asked."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(answer)
        if hangs:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        server.close()


def fetcher(certificate: Path, **changes: float) -> CalendarFetcher:
    """As an establishment's: the loopback is a named network, its authority is trusted."""
    trust = ssl.create_default_context(cafile=str(certificate))
    return CalendarFetcher(private_networks=[LOOPBACK], trust=trust, resolve=resolving("127.0.0.1"), **changes)


def said(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def test_a_calendar_is_fetched_at_the_address_that_was_checked_under_its_own_name(certificate: Path) -> None:
    async with answering(certificate, said(b"BEGIN:VCALENDAR")) as (port, asked):
        got = await fetcher(certificate).fetch(f"https://{HOST}:{port}/agenda.ics?cle=1")
        assert got == b"BEGIN:VCALENDAR"
    assert asked[0].startswith("GET /agenda.ics?cle=1 HTTP/1.1\r\n")
    assert f"Host: {HOST}:{port}\r\n" in asked[0]
    assert "Accept-Encoding: identity\r\n" in asked[0]


async def test_another_names_certificate_is_refused(certificate: Path) -> None:
    async with answering(certificate, said(b"x")) as (port, _):
        with pytest.raises(CalendarUnreachable):
            await fetcher(certificate).fetch(f"https://autre.example:{port}/a.ics")


async def test_each_redirection_is_judged_anew(certificate: Path) -> None:
    inside = said(b"", "Location: https://192.168.1.1/a.ics", status="302 Found")

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ("127.0.0.1",) if host == HOST else (host,)

    trust = ssl.create_default_context(cafile=str(certificate))
    async with answering(certificate, inside) as (port, asked):
        with pytest.raises(AddressRefused):
            await CalendarFetcher(private_networks=[LOOPBACK], trust=trust, resolve=resolve).fetch(
                f"https://{HOST}:{port}/a.ics"
            )
    assert len(asked) == 1
    async with answering(certificate, said(b"", "Location: http://agenda.example/", status="301 Moved")) as (port, _):
        with pytest.raises(AddressRefused):
            await fetcher(certificate).fetch(f"https://{HOST}:{port}/a.ics")
    async with answering(certificate, said(b"", "Location: /a.ics", status="302 Found")) as (port, asked):
        with pytest.raises(CalendarUnreachable, match="redirections"):
            await fetcher(certificate).fetch(f"https://{HOST}:{port}/a.ics")
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (said(b"", status="404 Not Found"), "HTTP 404"),
        (said(b"x", "Content-Encoding: gzip"), "Content-Encoding"),
        (b"bonjour\r\n\r\n", "RemoteProtocolError"),
    ],
)
async def test_other_answers_are_refused(certificate: Path, answer: bytes, reason: str) -> None:
    async with answering(certificate, answer) as (port, _):
        with pytest.raises(CalendarUnreachable, match=reason):
            await fetcher(certificate).fetch(f"https://{HOST}:{port}/a.ics")


async def test_a_stream_without_end_is_cut(certificate: Path) -> None:
    endless = b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (MAX_BYTES + 1)
    async with answering(certificate, endless) as (port, _):
        with pytest.raises(CalendarTooLarge):
            await fetcher(certificate).fetch(f"https://{HOST}:{port}/a.ics")


async def test_a_server_that_says_nothing_is_left(certificate: Path) -> None:
    async with answering(certificate, b"HTTP/1.1 200 OK\r\n", hangs=True) as (port, _):
        with pytest.raises(CalendarUnreachable):
            await fetcher(certificate, timeout_s=0.5).fetch(f"https://{HOST}:{port}/a.ics")
