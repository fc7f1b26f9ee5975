"""The SMTP listener: speaks to the relay in front of us, decides nothing itself.

aiosmtpd parses SMTP; every refusal is one line of clear French and English inside the session, so that the sender's
own server tells its user at once.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from miss.base.errors import MissError
from miss.mail.errors import MailRefused, MailTooLarge
from miss.mail.inbound.service import Intakes

log = structlog.get_logger("miss.mail.door")

MAX_RECIPIENTS = 10
IDLE_TIMEOUT_S = 60.0
LATER = "451 4.3.0 Incident temporaire, rien n'est perdu : votre serveur reessaiera / Temporary failure, please retry"


class _Handler:
    """aiosmtpd's hooks."""

    def __init__(self, intakes: Intakes) -> None:
        self._intakes = intakes

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Trop de destinataires / Too many recipients"
        refusal = await self._judge(self._intakes.require_welcome(envelope.mail_from or "", address))
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        refusal = await self._judge(self._intakes.keep(envelope.mail_from or "", envelope.rcpt_tos, content))
        return refusal or "250 2.0.0 Message recu et conserve / Message received and kept"

    async def handle_exception(self, error: Exception) -> str:
        log.error("mail.door_failed", reason=type(error).__name__, exc_info=error)
        return LATER

    @staticmethod
    async def _judge(judgement: Any) -> str:
        try:
            await judgement
        except MailRefused as refused:
            log.info("mail.refused", reason=refused.code)
            return refused.smtp_reply()
        except MissError as error:
            log.error("mail.not_kept", reason=error.code)
            return LATER
        return ""


class _Smtp(SMTP):
    """aiosmtpd's protocol, its « too big » said in our words."""

    async def push(self, status: str | bytes) -> None:
        line = status if isinstance(status, str) else status.decode("ascii", "replace")
        if line.startswith("552 "):
            log.info("mail.refused", reason=MailTooLarge.code)
            line = MailTooLarge(limit_bytes=self.data_size_limit).smtp_reply()
        await super().push(line)


@dataclass(slots=True)
class MailDoor:
    """The listener.  `port` is the real one once started."""

    intakes: Intakes
    host: str
    port: int
    max_bytes: int
    hostname: str
    _server: asyncio.Server | None = None

    async def open(self) -> None:
        """Listen.  Raises OSError if the address is taken."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening; sessions under way are cut, their mails are brought again by the other side."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def _protocol(self) -> SMTP:
        return _Smtp(
            _Handler(self.intakes),
            data_size_limit=self.max_bytes,
            hostname=self.hostname,
            ident="MiSS",
            timeout=IDLE_TIMEOUT_S,
        )
