"""What stands between this machine and the server, named so that somebody can do something about it.

A network that opens TLS is refused, always: nobody is asked whether to go on.  To say whose appliance it is, its
certificate is read over a second connection on which nothing is ever sent.  protocol §7
"""

import asyncio
import base64
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from miss.client.errors import (
    ProxyWantsPassword,
    ServerCertificateOutOfDate,
    ServerMisnamed,
    ServerNotTrusted,
    ServerUnreachable,
)

if TYPE_CHECKING:
    from cryptography.x509 import Name

LOOK_TIMEOUT_S: Final = 8.0
MAX_NAME: Final = 80
MAX_ANSWER_BYTES: Final = 16_384
# OpenSSL's X509_V_ERR_…
_OUT_OF_DATE: Final = frozenset({9, 10})
_OTHER_NAME: Final = frozenset({62, 63, 64})


async def obstacle(error: BaseException, server_url: str) -> ServerUnreachable | None:
    """What `error`, raised by a connection to `server_url`, comes from; None: nothing that has a name of its own."""
    host = urlsplit(server_url).hostname or ""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            if cause.verify_code in _OUT_OF_DATE:
                return ServerCertificateOutOfDate(host=host)
            if cause.verify_code in _OTHER_NAME:
                return ServerMisnamed(host=host)
            return ServerNotTrusted(host=host, issuer=await issuer_of(server_url) or "?")
        if "proxy" in type(cause).__name__.lower() and "407" in str(cause):
            return ProxyWantsPassword()
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and what it comes from; libraries wrap what the network said."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


async def issuer_of(server_url: str) -> str:
    """Who signed the certificate that is shown for `server_url`, as it says itself; empty if it cannot be read."""
    from cryptography import x509  # large, and needed where something is wrong only

    try:
        async with asyncio.timeout(LOOK_TIMEOUT_S):
            shown = await _look(server_url)
        return _name(x509.load_der_x509_certificate(shown).issuer)
    except (OSError, ValueError, EOFError, asyncio.LimitOverrunError):  # TimeoutError and SSLError are OSErrors
        return ""


async def _look(server_url: str) -> bytes:
    """The certificate that is shown, unjudged (DER)."""
    parts = urlsplit(server_url)
    host, port = parts.hostname or "", parts.port or 443
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing is sent to whoever this is
    proxy = None if proxy_bypass(host) else getproxies().get("https")
    if proxy is None:
        _reader, writer = await asyncio.open_connection(host, port)
    else:
        _reader, writer = await _through(proxy, f"{host}:{port}")
    try:
        await writer.start_tls(context, server_hostname=host)
        shown: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return shown or b""
    finally:
        writer.transport.abort()


async def _through(proxy: str, target: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A tunnel to `target` (RFC 9110 §9.3.6).  Raises ConnectionError if the proxy says no."""
    parts = urlsplit(proxy if "//" in proxy else f"http://{proxy}")
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80, limit=MAX_ANSWER_BYTES)
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if parts.username is not None:
        said = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(said.encode()).decode()}")
    writer.write("\r\n".join((*lines, "", "")).encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    if answer.split(b" ", 2)[1:2] != [b"200"]:
        writer.transport.abort()
        raise ConnectionError("the proxy said no")
    return reader, writer


def _name(name: "Name") -> str:
    """Organisation and common name, as far as they can be shown: whoever made the certificate chose them."""
    from cryptography.x509.oid import NameOID

    said = [
        str(found[0].value)
        for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
        if (found := name.get_attributes_for_oid(kind))
    ]
    shown = ", ".join(dict.fromkeys(said)) or name.rfc4514_string()
    return "".join(one for one in shown if one.isprintable())[:MAX_NAME]
