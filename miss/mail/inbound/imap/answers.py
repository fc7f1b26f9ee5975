"""The answer to a mail that was fetched and cannot be taken: once, to a member of the directory, on its own thread."""

from hashlib import blake2b
from typing import Final

import structlog

from miss.base.text import Language, Text
from miss.directory.practitioners import Practitioners
from miss.mail.addresses import MailAddress, Mailbox, is_no_reply, parse_mailbox
from miss.mail.errors import MailRefused
from miss.mail.headers import parse_headers, value_of, values_of
from miss.mail.inbound.bulk.errors import BulkMail, TooManyAddressees
from miss.mail.inbound.parse import first_id
from miss.mail.inbound.trace_fields import without_trace
from miss.mail.outbound import AutoSubmitted, OutboundMail, Outbox, message_id_for
from miss.mail.rules import Envelope, require_answerable
from miss.storage import Database
from miss.storage.jobs import JobRunner

log = structlog.get_logger("miss.mail.imap")

_SILENT: Final = (BulkMail, TooManyAddressees)
"""An answer to a list or a circular goes to people who asked nothing."""
_SUBJECT: Final = Text(fr="Votre message n’a pas été pris en charge", en="Your message was not taken")
_BODY: Final = Text(
    fr="Bonjour,\n\nVotre message à {address} n’a pas été pris en charge :\n\n{reason}\n\nIl est conservé, sans suite. "
    "Message automatique.\n",
    en="Hello,\n\nYour message to {address} was not taken:\n\n{reason}\n\nIt is kept; nothing follows. Automatic "
    "message.\n",
)


class Refusals:
    """Writes them."""

    def __init__(
        self, db: Database, practitioners: Practitioners, outbox: Outbox, jobs: JobRunner, domain: str
    ) -> None:
        """`domain`: of the platform's own addresses."""
        self._db = db
        self._practitioners = practitioners
        self._outbox = outbox
        self._jobs = jobs
        self._domain = domain

    async def answer(self, content: bytes, refused: MailRefused, own: MailAddress) -> bool:
        """Say why, once; False if nobody is to hear of it.  `content`: the mail, or its head."""
        to = await self._find_member(content)
        if to is None or isinstance(refused, _SILENT):
            return False
        reference = blake2b(without_trace(content), digest_size=16).hexdigest()
        said = (_BODY.in_(one, address=str(own), reason=refused.sentence(one)) for one in Language)
        original = first_id(value_of(parse_headers(content), "Message-ID"))
        mail = OutboundMail(
            message_id=message_id_for("refused", reference, self._domain),
            sender=Mailbox(own, "MiSS"),
            to=Mailbox(to),
            subject=_SUBJECT.in_(Language.FR),
            text="\n\n".join(said),
            in_reply_to=original,
            references=(original,) if original else (),
            auto_submitted=AutoSubmitted.REPLIED,
        )
        async with self._db.transaction() as tx:
            await self._outbox.enqueue(tx, mail, about=f"refused:{reference}")
        self._jobs.wake()
        return True

    async def _find_member(self, content: bytes) -> MailAddress | None:
        """The sender, if a person of the directory wrote, or somebody in their name."""
        try:
            headers = parse_headers(content)
            path = value_of(headers, "Return-Path").strip().strip("<>") if values_of(headers, "Return-Path") else "?"
            require_answerable(Envelope(path, (), len(content)), headers)
            shown = parse_mailbox(value_of(headers, "From")).address
        except MailRefused:
            return None
        if is_no_reply(shown) or await self._practitioners.find_writer(str(shown)) is None:
            return None
        return shown
