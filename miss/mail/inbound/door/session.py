"""One SMTP or LMTP session: aiosmtpd parses it; every refusal is a line of clear French and English inside it.

Behind `smtpd_proxy_filter` a refusal at MAIL would reach the sender as « queue file write error »: it is said at RCPT,
or after the content, which Postfix passes on word for word.  `421` ends the session, on both sides.
"""

import ssl
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from miss.base.errors import MissError
from miss.mail.errors import MailRefused, MailTooLarge
from miss.mail.inbound.authentication.model import Believed, Via
from miss.mail.inbound.door.errors import SenderBusy
from miss.mail.inbound.door.forwarded import ATTRIBUTES, ForwardMalformed, parse_forwarded
from miss.mail.inbound.door.lines import Lines
from miss.mail.inbound.service import Intakes

log = structlog.get_logger("miss.mail.door")

MAX_RECIPIENTS = 10
IDLE_TIMEOUT_S = 60.0
LATER = "451 4.3.0 Incident temporaire, rien n'est perdu : votre serveur reessaiera / Temporary failure, please retry"
KEPT = "250 2.0.0 Message recu et conserve / Message received and kept"

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorRules:
    """What a deployment says of its doors."""

    max_bytes: int
    hostname: str
    fronts: Sequence[Network] = ()
    """Our own Postfix: its XFORWARD, and what it writes above its Received, are believed."""
    relays: Sequence[Network] = ()
    """Servers in front of that one which remove forged Authentication-Results and write their own."""
    lines_each: int = 5
    lines_all: int = 100
    tls: ssl.SSLContext | None = None
    """STARTTLS is offered with it."""


@dataclass(slots=True)
class Caller:
    """Who speaks in one session, and the line they hold."""

    rules: DoorRules
    lines: Lines
    peer: str
    client: str = ""
    """Whom a front speaks for."""
    held: tuple[str, ...] | None = field(default=None)

    @property
    def is_front(self) -> bool:
        return _within(self.peer, self.rules.fronts)

    @property
    def via(self) -> Via:
        """The way that this session's mails come."""
        if _within(self.client or self.peer, self.rules.relays):
            return Via(self.client or self.peer, Believed.TOPMOST)
        if self.is_front:
            return Via(self.client or self.peer, Believed.ABOVE_RECEIVED)
        return Via(self.peer)

    def take_line(self, mail_from: str) -> None:
        """Hold a line until the mail is over.  Raises SenderBusy."""
        if self.held is None:
            client = self.client or ("" if self.is_front else self.peer)
            domain = mail_from.rpartition("@")[2].lower() if "@" in mail_from else ""
            self.held = self.lines.take((client, f"@{domain}" if domain else ""))
            if self.held is None:
                raise SenderBusy(limit=self.rules.lines_each)

    def give_line_back(self) -> None:
        if self.held is not None:
            self.lines.give_back(self.held)
            self.held = None


def _within(address: str, networks: Sequence[Network]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in networks)


class _Handler:
    """aiosmtpd's hooks."""

    def __init__(self, intakes: Intakes, caller: Caller, *, is_lmtp: bool) -> None:
        self._intakes = intakes
        self._caller = caller
        self._is_lmtp = is_lmtp

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if self._caller.is_front:
            responses.insert(1, f"250-XFORWARD {' '.join(ATTRIBUTES)}")
        return [*responses[:-1], "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Trop de destinataires / Too many recipients"
        refusal = await self._judge(self._welcome(envelope.mail_from or "", address))
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def _welcome(self, mail_from: str, address: str) -> None:
        self._caller.take_line(mail_from)
        await self._intakes.require_welcome(mail_from, address)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content, sender = envelope.original_content or b"", envelope.mail_from or ""
        # LMTP answers once for each recipient (RFC 2033 §4.2), SMTP once for all.
        groups = [[one] for one in envelope.rcpt_tos] if self._is_lmtp else [envelope.rcpt_tos]
        replies = [
            await self._judge(self._intakes.keep(sender, group, content, self._caller.via)) or KEPT for group in groups
        ]
        return "\r\n".join(replies)

    async def handle_exception(self, error: Exception) -> str:
        log.error("mail.door_failed", reason=type(error).__name__, exc_info=error)
        return LATER

    @staticmethod
    async def _judge(judgement: Awaitable[object]) -> str:
        try:
            await judgement
        except MailRefused as refused:
            log.info("mail.refused", reason=refused.code)
            return refused.smtp_reply()
        except MissError as error:
            log.error("mail.not_kept", reason=error.code)
            return LATER
        return ""


class _Session(SMTP):
    """aiosmtpd's protocol, with XFORWARD, lines, and its « too big » said in our words."""

    def __init__(self, intakes: Intakes, rules: DoorRules, lines: Lines) -> None:
        self._caller = Caller(rules, lines, peer="")
        self._is_lmtp = isinstance(self, LMTP)
        super().__init__(
            _Handler(intakes, self._caller, is_lmtp=self._is_lmtp),
            data_size_limit=rules.max_bytes,
            hostname=rules.hostname,
            ident="MiSS",
            timeout=IDLE_TIMEOUT_S,
            tls_context=rules.tls,
        )

    def connection_made(self, transport: Any) -> None:
        peer = transport.get_extra_info("peername")
        self._caller.peer = peer[0] if peer else ""
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._caller.give_line_back()
        super().connection_lost(error)

    def _set_post_data_state(self) -> None:
        """Called by aiosmtpd whenever a mail is over: taken, refused or given up."""
        self._caller.give_line_back()
        super()._set_post_data_state()  # type: ignore[no-untyped-call]

    async def smtp_XFORWARD(self, argument: str | None) -> None:  # noqa: N802
        """The true client, as our own Postfix says it; 550 for anybody else."""
        if not self._caller.is_front:
            await self.push("550 5.7.0 XFORWARD: not authorised")
            return
        try:
            client = parse_forwarded(argument or "")
        except ForwardMalformed:
            await self.push("501 5.5.4 XFORWARD: bad attribute")
            return
        if client is not None:
            self._caller.client = client
        await self.push("250 2.0.0 OK")

    async def push(self, status: str | bytes) -> None:
        """Say a reply; « too large » in our words, and after a 421 the session is over."""
        line = status if isinstance(status, str) else status.decode("ascii", "replace")
        if line.startswith("552 "):
            log.info("mail.refused", reason=MailTooLarge.code)
            line = MailTooLarge(limit_bytes=self.data_size_limit).smtp_reply()
            if self._is_lmtp and self.envelope is not None and self.envelope.rcpt_tos:
                line = "\r\n".join([line] * len(self.envelope.rcpt_tos))
        await super().push(line)
        if line.startswith("421 ") and self.transport is not None:
            self.transport.close()


class _LmtpSession(_Session, LMTP):
    """The same, in LMTP (RFC 2033)."""


def session(intakes: Intakes, rules: DoorRules, lines: Lines, *, is_lmtp: bool) -> SMTP:
    """A protocol for one connection."""
    return (_LmtpSession if is_lmtp else _Session)(intakes, rules, lines)
