"""The last step: hand a composed mail to a relay, or drop it into a folder."""

import asyncio
import os
import tempfile
from pathlib import Path
from typing import Protocol

import aiosmtplib

from miss.mail.outbound.errors import RelayAway, RelayRefused

TIMEOUT_S = 60.0


class MailTransport(Protocol):
    """Takes responsibility for one mail to one recipient."""

    async def send(self, sender: str, recipient: str, content: bytes, *, mail_id: str) -> str:
        """What the other side said (`250 2.0.0 …`).

        Raises RelayAway (try again later) or RelayRefused (it never will take this one).  `mail_id` is stable
        across tries: it is the ENVID of RFC 3461, by which delivery reports find their mail.
        """
        ...


class SmtpRelay:
    """An SMTP relay, with STARTTLS unless the deployment says that the way to it is private."""

    def __init__(self, host: str, port: int, *, require_tls: bool, user: str = "", password: str = "") -> None:
        self._host, self._port = host, port
        self._require_tls = require_tls
        self._user, self._password = user, password

    async def send(self, sender: str, recipient: str, content: bytes, *, mail_id: str) -> str:
        client = aiosmtplib.SMTP(
            hostname=self._host, port=self._port, timeout=TIMEOUT_S, start_tls=True if self._require_tls else None
        )
        try:
            async with client:
                if self._user:
                    await client.login(self._user, self._password)
                dsn = client.supports_extension("dsn")
                _, reply = await client.sendmail(
                    sender,
                    recipient,
                    content,
                    mail_options=[f"ENVID={mail_id}"] if dsn else [],
                    rcpt_options=["NOTIFY=SUCCESS,FAILURE,DELAY"] if dsn else [],
                )
                return reply[:400]
        except aiosmtplib.SMTPRecipientsRefused as error:
            refusal = error.recipients[0]
            raise _refusal(refusal.code, refusal.message) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _refusal(error.code, error.message) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise RelayAway(reason=type(error).__name__) from None


def _refusal(smtp_code: int, message: str) -> RelayAway | RelayRefused:
    """RFC 5321 §4.2.1: 4yz may succeed later, 5yz will not."""
    reply = f"{smtp_code} {message}"[:400]
    return RelayRefused(reply=reply) if smtp_code >= 500 else RelayAway(reason=reply)


class Spool:
    """A folder of .eml files: the embedded default, where nothing leaves the machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def send(self, sender: str, recipient: str, content: bytes, *, mail_id: str) -> str:
        # The name is the mail's, so that a second run of the same job replaces the file instead of adding one.
        await asyncio.to_thread(_write, self._folder / f"{mail_id}.eml", content)
        return "250 spooled"


def _write(path: Path, content: bytes) -> None:
    descriptor, unfinished = tempfile.mkstemp(dir=path.parent, suffix=".partial")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(unfinished).replace(path)
