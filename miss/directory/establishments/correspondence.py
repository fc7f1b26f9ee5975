"""To which of its mailboxes an establishment is written, and what they take: said by its administrators.

Which mailboxes are its own is the register's word (« BAL organisationnelles », ADR 59); nobody types one.
"""

from collections.abc import Collection
from dataclasses import replace

from miss.base.clock import Clock
from miss.base.ids import OrganizationId
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.errors import MailboxNotOfEstablishment
from miss.directory.establishments.service import get_held
from miss.directory.practitioners import AcceptedFormat, Practitioner, Practitioners
from miss.directory.practitioners.model import organization_party
from miss.storage import Database


class Correspondence:
    """Every establishment's."""

    def __init__(self, db: Database, clock: Clock, practitioners: Practitioners) -> None:
        self._db = db
        self._practitioners = practitioners
        self._audit = AuditLog(db, clock)

    async def get(self, establishment_id: OrganizationId) -> Practitioner:
        """The establishment as mails know it: its mailboxes, and what was said of them (`entry`).

        Raises PractitionerNotFound for one without a record.
        """
        return await self._practitioners.get(organization_party(establishment_id))

    async def put(
        self, establishment_id: OrganizationId, mailbox: str, formats: Collection[AcceptedFormat], by: str
    ) -> None:
        """`mailbox`: where what was asked on the pages is answered; empty: the only one, nowhere if there are several.

        `by`: actor of the access log.  Raises MailboxNotOfEstablishment, EstablishmentNotFound.
        """
        party = organization_party(establishment_id)
        async with self._db.transaction() as tx:
            await get_held(tx, establishment_id)
            if mailbox and mailbox not in await self._practitioners.list_mailboxes(party, tx):
                raise MailboxNotOfEstablishment
            entry = await self._practitioners.get_entry(tx, party)
            said = replace(entry, mailbox=mailbox, formats=frozenset(formats))
            await self._practitioners.put_entry(tx, party, said, by=by)
            subject = Subject("organization", establishment_id)
            self._audit.append(tx, actor=by, act="establishment.correspondence_changed", subject=subject)
