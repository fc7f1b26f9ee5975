"""One SMTP connection to one relay, over which several mails go, one after the other.

What goes wrong is told apart by what it means for the mail: the relay has not seen it (`RelayAway`), it is to come back
later (`MailDeferred`: 4yz, or a connection lost in the middle), it never will be taken (`RelayRefused`, 5yz).
Source: RFC 5321 §4.2.1 and §4.5.3.2, RFC 3461 §4.
"""

import asyncio
import contextlib
import ssl
from functools import lru_cache
from pathlib import Path
from typing import Final

import aiosmtplib

from miss.mail.outbound.errors import MailDeferred, RelayAway, RelayRefused
from miss.mail.relays.model import Relay, TlsPolicy

COMMAND_TIMEOUT_S: Final = 60.0
MAIL_TIMEOUT_S: Final = 240.0
"""For a whole mail: shorter than the lease of the line that sends it."""
QUIT_TIMEOUT_S: Final = 2.0
REPLY_CHARS: Final = 400
CLOSING: Final = 421
"""« I am shutting down »: said of the connection, never of a mail."""


class Session:
    """An open connection.  Not to be shared: one mail at a time."""

    def __init__(self, relay: Relay, *, timeout_s: float = COMMAND_TIMEOUT_S) -> None:
        self.relay = relay
        self.mails = 0
        """Sent, or tried."""
        self._timeout_s = timeout_s
        self._client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            timeout=timeout_s,
            start_tls=relay.tls is not TlsPolicy.NONE,
            tls_context=None if relay.tls is TlsPolicy.NONE else _tls_context(relay.tls, relay.ca_file),
        )

    async def open(self) -> None:
        """Connect, encrypt, authenticate.  Raises RelayAway: whatever a relay says here, no mail is to blame."""
        try:
            await self._client.connect()
            if self._client.last_ehlo_response is None:
                await self._client.ehlo()  # what it can do (DSN) is to be known before the first mail
            if self.relay.user:
                await self._client.login(self.relay.user, self.relay.password)
        except aiosmtplib.SMTPResponseException as error:
            self.drop()
            raise RelayAway(reason=f"{error.code} {error.message}"[:REPLY_CHARS]) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self.drop()
            raise RelayAway(reason=type(error).__name__) from None

    @property
    def is_usable(self) -> bool:
        """False once the other side has hung up, or had its number of mails."""
        return self._client.is_connected and self.mails < self.relay.max_mails

    async def is_standing(self) -> bool:
        """Ask a connection that was not used for a moment whether it still stands."""
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            return False
        return self.is_usable

    async def send(self, sender: str, recipient: str, content: bytes, *, mail_id: str) -> str:
        """Hand one mail over; what the relay said.  Raises RelayAway, MailDeferred, RelayRefused."""
        self.mails += 1
        is_shown = False
        mail_options, rcpt_options = self._options(sender, recipient, content, mail_id)
        try:
            async with asyncio.timeout(MAIL_TIMEOUT_S):
                await self._client.mail(sender, options=mail_options)
                await self._client.rcpt(recipient, options=rcpt_options)
                is_shown = True
                _, reply = await self._client.data(content)
        except aiosmtplib.SMTPResponseException as error:
            raise await self._refusal(error.code, error.message) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self.drop()
            if not is_shown:
                raise RelayAway(reason=type(error).__name__) from None
            # The relay may have taken it before it fell silent: it is sent again, later, under the same Message-ID.
            raise MailDeferred(reply=type(error).__name__) from None
        except asyncio.CancelledError:
            self.drop()
            raise
        return f"250 {reply}"[:REPLY_CHARS]

    async def close(self) -> None:
        """Say goodbye, without waiting long for an answer."""
        with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            async with asyncio.timeout(QUIT_TIMEOUT_S):
                await self._client.quit(timeout=QUIT_TIMEOUT_S)
        self.drop()

    def drop(self) -> None:
        """Hang up."""
        self._client.close()

    def _options(self, sender: str, recipient: str, content: bytes, mail_id: str) -> tuple[list[str], list[str]]:
        """RFC 1870; RFC 3461 §4: reports come back under our own identifier, and none is asked for about a report."""
        size = [f"SIZE={len(content)}"] if self._client.supports_extension("size") else []
        if not self._client.supports_extension("dsn"):
            return size, []
        notify = "SUCCESS,FAILURE,DELAY" if sender else "NEVER"
        mail_options = [*size, "RET=HDRS", f"ENVID={xtext(mail_id)}"]
        return mail_options, [f"NOTIFY={notify}", f"ORCPT=rfc822;{xtext(recipient)}"]

    async def _refusal(self, smtp_code: int, message: str) -> RelayAway | MailDeferred | RelayRefused:
        """What a reply means; the conversation is ready for the next mail after it, or over."""
        reply = f"{smtp_code} {message}"[:REPLY_CHARS]
        if smtp_code == CLOSING or not 400 <= smtp_code < 600:
            self.drop()
            return RelayAway(reason=reply)
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            self.drop()
        return RelayRefused(reply=reply) if smtp_code >= 500 else MailDeferred(reply=reply)


@lru_cache(maxsize=32)
def _tls_context(tls: TlsPolicy, ca_file: Path | None) -> ssl.SSLContext:
    """With a file of authorities, those of the system are not believed.  Made once: reading them takes a while."""
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    if tls is TlsPolicy.ENCRYPT:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def xtext(value: str) -> str:
    """A parameter of RFC 3461 §4: `+`, `=` and what is no printable ASCII as `+XX`."""
    encoded = value.encode("utf-8")
    return "".join(chr(byte) if 33 <= byte <= 126 and byte not in b"+=" else f"+{byte:02X}" for byte in encoded)
