"""Where mail comes in: the SMTP and LMTP listeners, and the mailbox that is fetched; opened and closed together."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.routing import BaseRoute

from miss.mail.inbound import MailDoor
from miss.mail.inbound.imap import MailboxWatch
from miss.server.errors import PortTaken


@dataclass(frozen=True, slots=True)
class MailIn:
    """The ways in, and the console's pages on what was set aside."""

    door: MailDoor
    lmtp: MailDoor | None
    mailbox: MailboxWatch | None
    routes: Sequence[BaseRoute]

    async def open(self) -> None:
        """Listen, and begin to fetch.  Raises PortTaken."""
        await _open(self.door, "SMTP", "MISS_MAIL_PORT")
        if self.lmtp is not None:
            await _open(self.lmtp, "LMTP", "MISS_LMTP_PORT")
        if self.mailbox is not None:
            self.mailbox.start()

    async def close(self) -> None:
        """Sessions under way are cut: what is not kept is brought, or fetched, again."""
        await self.door.close()
        if self.lmtp is not None:
            await self.lmtp.close()
        if self.mailbox is not None:
            await self.mailbox.close()


async def _open(door: MailDoor, what: str, setting: str) -> None:
    try:
        await door.open()
    except OSError:
        raise PortTaken(port=door.port, what=what, setting=setting) from None
