"""To whom a member may send images: found in the directory, not parted by a block, followed to their successor."""

from dataclasses import dataclass

from miss.base.ids import PractitionerId
from miss.directory.accounts import Accounts
from miss.directory.blocking import Blocking
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.retirement import Retirements
from miss.documents.mssante import display_name
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.errors import AddressMalformed
from miss.mail.images.errors import RecipientSelf, RecipientSetApart, RecipientUnknown, RecipientUnreachable
from miss.mail.inbound.blocked import refusal_of
from miss.storage import Database


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom the sender chose, and who gets it."""

    chosen: Practitioner
    reader: Practitioner
    """The chosen one, or their successor."""
    mailbox: Mailbox
    """The reader's."""
    is_member: bool
    """The reader can sign in."""

    @property
    def is_redirected(self) -> bool:
        return self.reader.id != self.chosen.id


class Correspondents:
    """Finds and judges recipients."""

    def __init__(
        self,
        db: Database,
        practitioners: Practitioners,
        accounts: Accounts,
        blocking: Blocking,
        retirements: Retirements,
    ) -> None:
        self._db = db
        self.practitioners = practitioners
        self._accounts = accounts
        self._blocking = blocking
        self._retirements = retirements

    async def find(self, sender: Practitioner, whom: str) -> Reached:
        """`whom`: an RPPS number or a secure-mail address.  Raises RecipientUnknown, and as `reach`."""
        typed = whom.strip()
        found = await (
            self.practitioners.find_by_mailbox(typed) if "@" in typed else self.practitioners.find_by_rpps(typed)
        )
        if found is None:
            raise RecipientUnknown
        return await self.reach(sender, found.id)

    async def reach(self, sender: Practitioner, chosen_id: PractitionerId) -> Reached:
        """Raises RecipientSelf, RecipientUnreachable, RecipientSetApart, CorrespondentBlocked (with its reason)."""
        chosen = await self.practitioners.get(chosen_id)
        redirection = await self._retirements.redirection_of(chosen_id)
        reader = await self.practitioners.get(redirection.to) if redirection else chosen
        if sender.id in (chosen.id, reader.id):
            raise RecipientSelf
        both = {chosen.id, reader.id}
        async with self._db.snapshot() as tx:
            reasons = await self._blocking.list_reasons(tx, sender, both)
            apart = await self._blocking.list_set_apart(tx, sender.id, sender.mailboxes)
        if reasons:
            raise refusal_of(reasons.values())
        if both & apart:
            raise RecipientSetApart
        mailbox = mailbox_of(reader)
        if mailbox is None:
            raise RecipientUnreachable
        account = await self._accounts.find_by_practitioner(reader.id)
        return Reached(chosen, reader, mailbox, account is not None and account.is_active)


def mailbox_of(practitioner: Practitioner) -> Mailbox | None:
    """The first one that can be written to, in the order of the entry; None: there is none."""
    for address in practitioner.letterboxes:
        try:
            return Mailbox(parse_address(address), display_name(practitioner.display_name))
        except AddressMalformed:
            continue
    return None
