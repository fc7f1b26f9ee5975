"""What is asked of a mail while the sender's server still waits: in this order, the cheap before the dear.

Nothing is stored here.  A `MailRefused` is what the other side is told.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

from miss.base.clock import Clock
from miss.base.ids import PractitionerId
from miss.base.retention import HOUSE
from miss.broker import Rates
from miss.directory.blocking import Blocking
from miss.directory.practitioners import Practitioner, Practitioners
from miss.mail.addresses import MailAddress
from miss.mail.headers import Headers, parse_headers
from miss.mail.inbound.authentication.model import Proof, Via
from miss.mail.inbound.authentication.service import Authentication, OpenedMail
from miss.mail.inbound.blocked import refusal_of
from miss.mail.inbound.bulk import store as bulk
from miss.mail.inbound.bulk.errors import SameMailAgain
from miss.mail.inbound.bulk.model import MAX_ALIKE, digest_of, require_letter
from miss.mail.inbound.errors import TooManyMails
from miss.mail.inbound.model import InboundMail
from miss.mail.inbound.sandbox import MailSandbox
from miss.mail.rules import Envelope, require_member, require_one_sender
from miss.protocol.session import Rate
from miss.storage import Database

ALIKE_WITHIN: Final = HOUSE.period("mail.sorting")


class Readers(Protocol):
    """Who would read a mail."""

    async def find_readers(self, mail: InboundMail) -> Collection[PractitionerId]:
        """The practitioners whom it names as its readers; empty: whoever's turn it is."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class Welcome:
    """A mail that is taken."""

    mail: InboundMail
    sender: Practitioner
    proof: Proof
    body: bytes | None
    """What the next one is compared to."""


class Judge:
    """Asks."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        practitioners: Practitioners,
        authentication: Authentication,
        *,
        rates: Rates | None,
        per_sender: Rate,
        blocking: Blocking | None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._practitioners = practitioners
        self._authentication = authentication
        self._rates = rates
        self._per_sender = per_sender
        self._blocking = blocking
        self._sandbox = MailSandbox()

    async def require_welcome(
        self, envelope: Envelope, content: bytes, headers: Headers, via: Via, intakes: Collection[Readers]
    ) -> Welcome:
        """Judge a mail that somebody wrote.  `headers`: of `content`.

        Raises a MailRefused, Unavailable if a signature cannot be looked at now.
        """
        require_letter(headers)
        shown = require_one_sender(envelope, headers)
        sender = await self._practitioners.find_writer(str(shown))
        require_member(sender is not None)
        assert sender is not None  # noqa: S101 - for the type checker: `require_member` has raised
        self._require_rate(sender)
        opened = await self._open(content, shown)
        proof = await self._authentication.require_proof(opened, headers, shown, via)
        mail = await self._sandbox.parse(opened.content)
        await self._require_not_blocked(sender, mail, intakes)
        return Welcome(mail, sender, proof, await self._require_new(sender, mail))

    async def read(self, content: bytes) -> InboundMail:
        """A mail that was kept, as its intake gets it."""
        return await self._sandbox.parse((await self._authentication.open(content)).content)

    async def _open(self, content: bytes, shown: MailAddress) -> OpenedMail:
        """The mail inside; whom it shows inside is whom it shows outside."""
        opened = await self._authentication.open(content)
        if opened.content is not content:
            envelope = Envelope(str(shown), (), len(opened.content))
            require_one_sender(envelope, parse_headers(opened.content))
        return opened

    def _require_rate(self, sender: Practitioner) -> None:
        if self._rates is None:
            return
        wait_s = self._rates.take("mail", sender.id.encode(), self._per_sender)
        if wait_s:
            raise TooManyMails(retry_after_s=wait_s)

    async def _require_not_blocked(self, sender: Practitioner, mail: InboundMail, intakes: Collection[Readers]) -> None:
        if self._blocking is None:
            return
        readers = {reader for intake in intakes for reader in await intake.find_readers(mail)}
        if not readers:
            return
        async with self._db.snapshot() as tx:
            reasons = await self._blocking.list_reasons(tx, sender, readers)
        if reasons.keys() == readers:
            raise refusal_of(reasons.values())

    async def _require_new(self, sender: Practitioner, mail: InboundMail) -> bytes | None:
        digest = digest_of(mail)
        if digest is None:
            return None
        async with self._db.snapshot() as tx:
            times = await bulk.count(tx, sender.id, digest, self._clock.now() - ALIKE_WITHIN)
        if times >= MAX_ALIKE:
            raise SameMailAgain(limit=MAX_ALIKE)
        return digest
