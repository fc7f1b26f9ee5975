"""A real SMTP relay (aiosmtpd) that misbehaves when it is told to: the other side of the outbound tests."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Unruly:
    """Takes mails; `replies` are said first, one a mail; `act` is what it does at the end of DATA."""

    def __init__(self, *, dsn: bool = False) -> None:
        self.dsn = dsn
        self.taken: list[Envelope] = []
        self.options: list[list[str]] = []
        """What MAIL and RCPT were given, one list a mail."""
        self.replies: list[str] = []
        self.act = ""
        """`drop`: hang up without a word; `half`: end one's own side only; `stall`: say nothing; `after`: hang up after
        the 250."""
        self.sessions = 0
        self.most = 0
        self.open = 0
        self.domains: dict[str, int] = {}
        self.most_of_domain: dict[str, int] = {}
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.is_asked = asyncio.Event()
        """Set once `crowd` mails wait for an answer."""
        self.crowd = 2
        self.is_waited_for = asyncio.Event()
        """Set once one does."""
        self._has_taken = asyncio.Condition()

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], "250-DSN", *responses[1:]] if self.dsn else responses

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        domain = envelope.rcpt_tos[0].rpartition("@")[2]
        self.domains[domain] = self.domains.get(domain, 0) + 1
        self.most_of_domain[domain] = max(self.most_of_domain.get(domain, 0), self.domains[domain])
        self.is_waited_for.set()
        if sum(self.domains.values()) >= self.crowd:
            self.is_asked.set()
        try:
            await self.may_answer.wait()
        finally:
            self.domains[domain] -= 1
        if self.replies and not self.replies[0].startswith("250"):
            return self.replies.pop(0)
        self.taken.append(envelope)
        async with self._has_taken:
            self._has_taken.notify_all()
        if self.act == "drop":
            server.transport.abort()
        elif self.act == "half":
            server.transport.write_eof()
        elif self.act == "stall":
            await asyncio.Event().wait()
        return self.replies.pop(0) if self.replies else "250 2.0.0 taken"

    async def has_taken(self, count: int) -> None:
        """Wait until that many mails were taken."""
        async with self._has_taken:
            await self._has_taken.wait_for(lambda: len(self.taken) >= count)

    def protocol(self, **options: Any) -> SMTP:
        return _Smtp(self, hostname="relais.example", **options)

    @asynccontextmanager
    async def listening(self, **options: Any) -> AsyncIterator[int]:
        """Its port while it listens."""
        connections: list[SMTP] = []

        def connect() -> SMTP:
            connections.append(self.protocol(**options))
            return connections[-1]

        server = await asyncio.get_running_loop().create_server(connect, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for connection in connections:
                if connection.transport is not None:
                    connection.transport.close()
            await asyncio.sleep(0)


class _Smtp(SMTP):
    """Counts its sessions, and takes the parameters of RFC 3461, which aiosmtpd refuses."""

    def __init__(self, owner: Unruly, **options: Any) -> None:
        super().__init__(owner, **options)
        self._owner = owner
        self._is_counted = False

    def connection_made(self, transport: Any) -> None:
        if not self._is_counted:  # STARTTLS makes the connection a second time
            self._is_counted = True
            self._owner.sessions += 1
            self._owner.open += 1
            self._owner.most = max(self._owner.most, self._owner.open)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._owner.open -= 1
        super().connection_lost(error)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        await super().smtp_DATA(arg)
        if self._owner.act == "after" and self.transport is not None:
            self.transport.close()

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        bare, options = _split(arg or "")
        self._owner.options.append(options)
        await super().smtp_MAIL(bare)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        bare, options = _split(arg or "")
        self._owner.options[-1] += options
        await super().smtp_RCPT(bare)


def _split(arg: str) -> tuple[str, list[str]]:
    bare, *options = arg.split(" ")
    return bare, options


def knows(user: str, password: str) -> dict[str, Any]:
    """Options of a relay that wants to know who speaks."""

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        is_known = isinstance(data, LoginPassword) and data == LoginPassword(user.encode(), password.encode())
        return AuthResult(success=is_known, handled=False)

    return {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}


def with_tls(context: ssl.SSLContext) -> dict[str, Any]:
    """Options of a relay that offers STARTTLS, and takes nothing without it."""
    return {"tls_context": context, "require_starttls": True}
