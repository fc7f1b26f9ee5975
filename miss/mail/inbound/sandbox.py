"""Take mails apart in a process of its own, with limits, so that a bomb costs one refusal.

As photographs are decoded: the child is started on `apart.py` itself (`python -I apart.py`), loads nothing of ours and
can open neither file nor socket.
"""

import asyncio

from miss.child import ask_child
from miss.mail.errors import MailUnreadable
from miss.mail.inbound import apart
from miss.mail.inbound.apart import PartsRefused, read_apart
from miss.mail.inbound.model import InboundMail
from miss.mail.inbound.parse import assemble, refusal, require_countable

TIMEOUT_S = 20.0
"""Above the child's own limit of processor time: only a machine that stands still reaches it."""
CHILDREN = 2


class MailSandbox:
    """Where strangers' mails are parsed."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._places = asyncio.Semaphore(CHILDREN)

    async def parse(self, raw: bytes) -> InboundMail:
        """As `parse_mail`.

        Raises FromNotSingle, AddressMalformed, DisplayNameMisleading, MailTooComplex, MailUnreadable; a child that is
        killed by its limits, or crashes, counts as unreadable.
        """
        require_countable(raw)
        async with self._places:
            answer = await ask_child(apart.__file__, raw, self._timeout_s)
        if answer[:1] == b"+":
            return assemble(read_apart(answer[1:]), raw)
        what, _, limit = answer[1:].decode("ascii").partition(" ")
        if not limit:
            raise MailUnreadable(reason="limits")
        raise refusal(PartsRefused(what, int(limit)))
