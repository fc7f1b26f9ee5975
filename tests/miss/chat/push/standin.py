"""A push service on the loopback, over TLS, that says what a test wants; and a browser that opens what it was sent."""

import asyncio
import hashlib
import hmac
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from miss.base.clock import Clock
from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.base.random import RandomBytes, system_random
from miss.chat.push.model import Subscription
from miss.chat.push.service import PushServices
from miss.chat.push.wire.gateway import Gateway
from miss.chat.push.wire.keys import PushKey, PushKeys, new_private_key, public_bytes
from miss.outbound import Guard, Resolve

HOST = "push.example"
LOOPBACK = ip_network("127.0.0.0/8")
CREATED = b"HTTP/1.1 201 Created\r\nLocation: https://push.example/m/1\r\nContent-Length: 0\r\n\r\n"


def said(status: str, *headers: str, body: bytes = b"") -> bytes:
    """An answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def to_loopback(host: str, port: int) -> Sequence[str]:
    """Every name is this machine."""
    return ("127.0.0.1",)


@dataclass
class Asked:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class StandIn:
    """The service: what it answers next, and what it was asked."""

    port: int
    certificate: Path
    asked: list[Asked] = field(default_factory=list)
    answers: list[bytes | None] = field(default_factory=list)
    """Taken from the front, then CREATED; None: it says nothing and waits; empty bytes: it hangs up."""
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))

    def url(self, path: str = "/send/1") -> str:
        return f"https://{HOST}:{self.port}{path}"

    def gateway(self, clock: Clock, random_bytes: RandomBytes, *, timeout_s: float = 5.0) -> Gateway:
        """To it."""
        guard = Guard((LOOPBACK,), to_loopback)
        return Gateway(clock, random_bytes, guard, "mailto:a@miss.example", trust=self.trust, timeout_s=timeout_s)

    def services(
        self,
        clock: Clock,
        random_bytes: RandomBytes,
        keys: PushKeys,
        *,
        resolve: Resolve = to_loopback,
        round_s: float = 3600,
    ) -> PushServices:
        """As a deployment that names it alone."""
        return PushServices(
            frozenset({HOST}), keys, Guard((LOOPBACK,), resolve), self.gateway(clock, random_bytes), round_s=round_s
        )

    async def wait(self, count: int) -> None:
        """Until it was asked so often."""
        async with asyncio.timeout(60):
            while len(self.asked) < count:
                self.heard.clear()
                await self.heard.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().rstrip().split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                self.asked.append(Asked(head.split(" ")[1], headers, body))
                self.heard.set()
                answer = self.answers.pop(0) if self.answers else CREATED
                if answer is None:
                    await reader.read()
                if not answer:
                    break
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def standing_in(certificate: Path) -> AsyncIterator[StandIn]:
    """One that listens."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    service = StandIn(0, certificate)
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0, ssl=context)
    service.port = server.sockets[0].getsockname()[1]
    try:
        yield service
    finally:
        server.close()


def make_certificate(path: Path) -> Path:
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
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


def one_key() -> PushKey:
    """A server's key."""
    private = new_private_key(system_random)
    return PushKey(private, public_bytes(private))


@dataclass
class Browser:
    """The keys of one subscription, and the other side of RFC 8291, written from the RFC with HMAC alone."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: system_random(16))

    @property
    def p256dh(self) -> bytes:
        return public_bytes(self.private)

    def subscription(self, endpoint: str, key: PushKey, *muted: ConversationId) -> Subscription:
        """As the server keeps it."""
        return Subscription(
            did=DeviceId(b"d" * 16),
            uid=AccountId(b"u" * 16),
            endpoint=endpoint,
            p256dh=self.p256dh,
            auth=self.auth,
            key=key.public,
            muted=frozenset(muted),
        )

    def open(self, body: bytes) -> bytes:
        """What a push message says, padding taken off.  Raises InvalidTag, AssertionError."""
        salt, record_bytes, sender = body[:16], int.from_bytes(body[16:20]), body[21 : 21 + body[20]]
        record = body[21 + len(sender) :]
        assert len(record) <= record_bytes
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.private.exchange(ec.ECDH(), point)
        secret = _hkdf(self.auth, shared, b"WebPush: info\0" + self.p256dh + sender, 32)
        key, nonce = (
            _hkdf(salt, secret, b"Content-Encoding: " + name + b"\0", size)
            for name, size in ((b"aes128gcm", 16), (b"nonce", 12))
        )
        plain = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert plain.endswith(b"\x02")
        return plain[:-1]


def _hkdf(salt: bytes, secret: bytes, info: bytes, size: int) -> bytes:
    first = hmac.digest(salt, secret, hashlib.sha256)
    return hmac.digest(first, info + b"\x01", hashlib.sha256)[:size]
