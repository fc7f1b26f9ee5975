"""What the service's rooms are lent, and the few things that all of them do with it."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from miss.base.clock import Clock
from miss.base.ids import OrganizationId, PractitionerId
from miss.base.random import RandomBytes
from miss.base.text import Text
from miss.directory.audit import AuditLog
from miss.directory.establishments.branding import Brandings
from miss.directory.establishments.model import ContactFunction, Establishment
from miss.directory.establishments.service import Establishments
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.retirement import Retirements
from miss.documents.mssante import display_name
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.errors import AddressMalformed
from miss.mail.outbound import OutboundMail, Outbox
from miss.mail.trace import Trace
from miss.server.notices import Notices, Words
from miss.storage import Database, Transaction
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from movements.errors import ReplyContactMissing
from movements.letters import Correspondence, compose_letter, compose_notice
from movements.model import Movement, Purport

_READ_BY: Final = (ContactFunction.MEDICAL, ContactFunction.ADMINISTRATIVE)
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: read over the telephone without mistakes."""

ANNOUNCED: Final = "movements.announced"
WORDS: Final = Words(
    Text(
        fr="Un de vos patients a changé de situation dans un établissement : la lettre {number} est dans votre "
        "messagerie sécurisée.",
        en="Something changed for one of your patients in an establishment: letter {number} is in your secure mailbox.",
    )
)
"""Neither who, nor where, nor what: that is in the mail."""


@dataclass(frozen=True, slots=True)
class Writer:
    """In whose name letters leave."""

    establishment: Establishment
    name: str
    """As the establishment wants to be called in mails."""
    reply_to: Mailbox
    """Of somebody who reads what doctors answer."""
    author: PractitionerId | None
    """Who sent the movements by hand, else who reads the answers, if the directory knows them: proofs are theirs."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Lent by the house."""

    db: Database
    clock: Clock
    random_bytes: RandomBytes
    keystore: KeyStore
    jobs: JobRunner
    outbox: Outbox
    trace: Trace
    practitioners: Practitioners
    establishments: Establishments
    retirements: Retirements
    audit: AuditLog
    sender: Mailbox
    zone: ZoneInfo
    """The clocks of hospitals whose messages give no offset."""
    notices: Notices

    async def tell_in_miss(self, tx: Transaction, person: PractitionerId, movement_id: str) -> None:
        """Say in MiSS that a letter has come."""
        await self.notices.queue(tx, person, ANNOUNCED, number_of(movement_id))

    async def seal(self, movement_id: str, movement: Movement) -> bytes:
        """Under the movement's own key."""
        return await self.keystore.seal(key_of(movement_id), msgspec.json.encode(movement), what="movement")

    async def open(self, movement_id: str, sealed: bytes) -> Movement:
        """Raises DataKeyDestroyed, SealBroken."""
        opened = await self.keystore.open(key_of(movement_id), sealed, what="movement")
        return msgspec.json.decode(opened, type=Movement)

    async def writer(self, organization_id: OrganizationId, by: PractitionerId | None = None) -> Writer:
        """In whose name to write.  `by`: who sends by hand.  Raises EstablishmentNotFound, ReplyContactMissing."""
        establishment = await self.establishments.get(organization_id)
        for function in _READ_BY:
            contact = establishment.contact(function)
            try:
                reply_to = Mailbox(parse_address(contact.email, "contact"), display_name(establishment.name))
            except AddressMalformed:
                continue
            reader = None if by else await self.practitioners.find_by_mailbox(str(reply_to.address))
            chosen = await Brandings(self.db, self.clock).find(organization_id)
            name = (chosen.sender if chosen else "") or establishment.name
            return Writer(establishment, name, reply_to, by or (reader.id if reader else None))
        raise ReplyContactMissing

    def notice(
        self,
        movement_id: str,
        movement: Movement,
        writer: Writer,
        doctor: Practitioner,
        successor: Practitioner | None,
        purport: Purport = Purport.ANNOUNCES,
    ) -> OutboundMail:
        """The mail to a doctor who has a mailbox, or to their successor.  Raises LetterIncomplete."""
        establishment, reader = writer.establishment, successor or doctor
        who = Correspondence(
            establishment=establishment,
            sender=Mailbox(self.sender.address, display_name(writer.name, self.sender.display_name)),
            reply_to=writer.reply_to,
            author=writer.author or "",
            doctor=doctor.display_name,
            to=Mailbox(parse_address(reader.letterboxes[0], "mailbox"), display_name(reader.display_name)),
            successor=successor.display_name if successor else "",
        )
        letter = compose_letter(movement, number_of(movement_id), who, self.zone, purport)
        return compose_notice(letter, movement_id, movement.revision, who, purport)

    async def find_successor(self, doctor: Practitioner) -> Practitioner | None:
        """Who reads what is written to somebody who has left, and has a mailbox; None: they do."""
        redirection = await self.retirements.redirection_of(doctor.id)
        found = await self.practitioners.get(redirection.to) if redirection else None
        return found if found and found.letterboxes else None


def key_of(movement_id: str) -> str:
    """The key that a movement is sealed under."""
    return f"movement:{movement_id}"


def number_of(movement_id: str) -> str:
    """What a letter is called: `MV` and eight characters."""
    rest = int.from_bytes(blake2b(movement_id.encode(), digest_size=5).digest())
    return "MV" + "".join(_DIGITS[rest >> shift & 31] for shift in range(35, -1, -5))
