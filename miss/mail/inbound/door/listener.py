"""A listener on one port."""

import asyncio
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP

from miss.mail.inbound.door.lines import Lines
from miss.mail.inbound.door.session import DoorRules, session
from miss.mail.inbound.service import Intakes


@dataclass(slots=True)
class MailDoor:
    """The listener.  `port` is the real one once started."""

    intakes: Intakes
    host: str
    port: int
    rules: DoorRules
    is_lmtp: bool = False
    _server: asyncio.Server | None = field(default=None, init=False)
    _lines: Lines = field(init=False)

    def __post_init__(self) -> None:
        self._lines = Lines(self.rules.lines_each, self.rules.lines_all)

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

    @property
    def busy(self) -> int:
        """Mails being brought now."""
        return self._lines.busy

    def _protocol(self) -> SMTP:
        return session(self.intakes, self.rules, self._lines, is_lmtp=self.is_lmtp)
