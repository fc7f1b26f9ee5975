"""Reminds an establishment, once a month at most, of what its record lacks; by mail to whoever keeps its messaging.

A record that names nobody to write to waits in the operator's console.
"""

from datetime import timedelta
from typing import Final

import structlog

from miss.base.clock import Clock
from miss.base.ids import OrganizationId, new_row_id
from miss.base.random import RandomBytes
from miss.base.text import Language, Text
from miss.directory.establishments import store
from miss.directory.establishments.model import ContactFunction, Establishment, completeness
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.errors import AddressMalformed
from miss.mail.outbound import AutoSubmitted, OutboundMail, Outbox, message_id_for
from miss.storage import Database
from miss.storage.jobs import Job, JobHandler, schedule

NAG_JOB: Final = "establishment.nag"
CHECK_EVERY: Final = timedelta(days=1)
NAG_EVERY: Final = timedelta(days=30)
LOCAL_PART: Final = "miss"
WRITTEN_TO: Final = (
    ContactFunction.MESSAGING_ADMINISTRATOR,
    ContactFunction.ADMINISTRATIVE,
    ContactFunction.TECHNICAL,
)
"""The first of these that has an address."""
_LANGUAGE: Final = Language.FR
"""An establishment has not told another one."""
_SUBJECT: Final = Text(
    fr="MiSS : la fiche de {name} est à compléter", en="MiSS: the record of {name} is to be completed"
)
_BODY: Final = Text(
    fr="La fiche de {name} dans MiSS n'est pas complète :\n\n{missing}\n\nSans ces contacts, nous ne pouvons prévenir "
    "personne quand vos échanges s'interrompent. Complétez la fiche ici :\n\n{link}\n\nCe rappel part une fois par "
    "mois au plus, et cesse quand la fiche est complète. Ce message est automatique : n'y répondez pas.\n",
    en="The record of {name} in MiSS is not complete:\n\n{missing}\n\nWithout these contacts we can tell nobody when "
    "your exchanges stop. Complete the record here:\n\n{link}\n\nThis reminder comes once a month at most, and ends "
    "when the record is complete. This message is automatic: do not answer it.\n",
)

log = structlog.get_logger("miss.establishments")


class Nag:
    """Looks at every record once a day."""

    def __init__(
        self, db: Database, clock: Clock, random_bytes: RandomBytes, outbox: Outbox, domain: str, public_origin: str
    ) -> None:
        """`domain`: of the platform's own addresses; `public_origin`: of the pages.  Raises AddressMalformed."""
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._outbox = outbox
        self._domain = domain
        self._origin = public_origin
        self._sender = Mailbox(parse_address(f"{LOCAL_PART}@{domain}", "mail_domain"), "MiSS")

    def job_handler(self) -> JobHandler:
        """What `start` plans."""
        return JobHandler(NAG_JOB, self._run)

    async def start(self) -> None:
        """Plan the next look."""
        async with self._db.transaction() as tx:
            due_at = self._clock.now() + CHECK_EVERY
            await schedule(tx, NAG_JOB, "all", due_at, random_bytes=self._random_bytes)

    async def _run(self, _job: Job) -> None:
        await self.remind()
        await self.start()

    async def remind(self) -> int:
        """Write to every establishment whose record lacks something and was not reminded lately; how many."""
        async with self._db.snapshot() as tx:
            ids = await store.list_ids(tx)
        return sum([await self._remind(one) for one in ids])

    async def _remind(self, establishment_id: OrganizationId) -> bool:
        """The mail and the memory of it are one transaction."""
        now = self._clock.now()
        async with self._db.snapshot() as tx:
            seen = await store.find_establishment(tx, establishment_id)
        if seen is None or not completeness(seen):
            return False
        async with self._db.transaction() as tx:
            establishment = await store.find_establishment(tx, establishment_id, held=True)
            if establishment is None or not completeness(establishment):
                return False
            if establishment.nagged_at is not None and now - establishment.nagged_at < NAG_EVERY:
                return False
            to = _mailbox(establishment)
            if to is None:
                return False
            await self._outbox.enqueue(tx, self._compose(establishment, to), about=f"establishment:{establishment_id}")
            await store.mark_nagged(tx, establishment_id, now)
        return True

    def _compose(self, establishment: Establishment, to: Mailbox) -> OutboundMail:
        missing = "\n".join(f"- {one.text.in_(_LANGUAGE)}" for one in completeness(establishment))
        link = f"{self._origin}/etablissement/{establishment.id}/fiche"
        reference = new_row_id(self._clock.now(), self._random_bytes)
        return OutboundMail(
            message_id=message_id_for("nag", reference, self._domain),
            sender=self._sender,
            to=to,
            subject=_SUBJECT.in_(_LANGUAGE, name=establishment.name),
            text=_BODY.in_(_LANGUAGE, name=establishment.name, missing=missing, link=link),
            auto_submitted=AutoSubmitted.GENERATED,
        )


def _mailbox(establishment: Establishment) -> Mailbox | None:
    for function in WRITTEN_TO:
        contact = establishment.contact(function)
        try:
            if contact.email:
                return Mailbox(parse_address(contact.email))
        except AddressMalformed:
            log.warning("establishment.address_malformed", establishment=establishment.id, function=function.value)
    return None
