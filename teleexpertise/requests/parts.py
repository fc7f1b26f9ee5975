"""What the services of this room work with, handed over once by the plug-in (`teleexpertise.service`)."""

from dataclasses import dataclass

from miss.base.clock import Clock
from miss.base.ids import PractitionerId, RequestId, new_row_id
from miss.base.random import RandomBytes
from miss.base.text import Text
from miss.directory.accounts import Accounts
from miss.directory.audit import AuditLog
from miss.directory.blocking import Blocking
from miss.directory.establishments.quotas import Allowances
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.preferences import NotificationLevel, Preferences
from miss.directory.retirement import Retirements
from miss.directory.roles import Roles
from miss.mail.outbound import OutboundMail, Outbox
from miss.mail.trace import Trace
from miss.server.notices import Notices
from miss.storage import Database, Transaction
from miss.storage.jobs import JobRunner
from teleexpertise.attachments.service import Attachments
from teleexpertise.dispatch import Dispatch
from teleexpertise.dispatch.conflicts import Conflicts
from teleexpertise.dispatch.pools import Pools
from teleexpertise.letters.envelope import Correspondent, Platform, Thread
from teleexpertise.letters.redirected import redirected
from teleexpertise.letters.to_team import discreet
from teleexpertise.questionnaire.registry import FormRegistry
from teleexpertise.requests import store
from teleexpertise.requests.content import Vault

NO_FORM = Text(fr="", en="")


@dataclass(frozen=True, slots=True)
class Parts:
    """Services of other rooms, and the few things that every service here does with them."""

    db: Database
    clock: Clock
    random_bytes: RandomBytes
    registry: FormRegistry
    vault: Vault
    attachments: Attachments
    allowances: Allowances
    dispatch: Dispatch
    pools: Pools
    conflicts: Conflicts
    practitioners: Practitioners
    accounts: Accounts
    roles: Roles
    blocking: Blocking
    preferences: Preferences
    retirements: Retirements
    audit: AuditLog
    outbox: Outbox
    trace: Trace
    jobs: JobRunner
    platform: Platform
    notices: Notices

    def new_id(self) -> str:
        """A new row's identifier."""
        return new_row_id(self.clock.now(), self.random_bytes)

    async def post(self, tx: Transaction, mail: OutboundMail | None, request_id: RequestId) -> None:
        """Queue a mail of a request, and have replies to it find the request; None: there is nobody to write to."""
        if mail is not None:
            await self.outbox.enqueue(tx, mail, about=f"request:{request_id}")
            await store.add_thread_mail(tx, mail.message_id, request_id)

    async def notify(self, tx: Transaction, to: Practitioner, mail: OutboundMail, request_id: RequestId) -> None:
        """`post` a mail that `to` did not write for, as much as they let mails tell: all, that there is something, or
        nothing."""
        level = await self.preferences.level_of(tx, to.id)
        if level is not NotificationLevel.NONE:
            await self.post(tx, mail if level is NotificationLevel.FULL else discreet(self.platform, mail), request_id)

    async def find_successor(self, of: PractitionerId, tx: Transaction | None = None) -> Correspondent | None:
        """Who gets what is written to that person about patients, because they have left; None: they do.

        `tx`: the transaction that the caller holds, if it holds one.
        """
        redirection = await self.retirements.redirection_of(of, tx)
        return correspondent(await self.practitioners.get(redirection.to, tx)) if redirection else None

    async def reader_for(self, person: Practitioner) -> Practitioner:
        """Whose software opens what is written to that person: their successor's, if they have left."""
        redirection = await self.retirements.redirection_of(person.id)
        return await self.practitioners.get(redirection.to) if redirection else person

    async def follow(
        self, mail: OutboundMail | None, to: Practitioner, tx: Transaction | None = None
    ) -> OutboundMail | None:
        """`mail` to that person, or to their successor, saying so; `tx` as `find_successor`."""
        successor = await self.find_successor(to.id, tx) if mail else None
        return redirected(mail, successor, leaver=to.display_name) if mail and successor else mail

    def form_name(self, canonical: str) -> Text:
        """How people call the specialty of a form; empty while it is to be chosen."""
        form = self.registry.find(canonical)
        return form.title if form else NO_FORM

    def form_title(self, canonical: str) -> str:
        """The same in French, the language of letters."""
        return self.form_name(canonical).fr


def correspondent(practitioner: Practitioner, thread: Thread | None = None) -> Correspondent | None:
    """Where to write to somebody: the mailbox they wrote from, else their first one; None: they have none."""
    mailbox = thread.mailbox if thread and thread.mailbox else next(iter(practitioner.letterboxes), "")
    return Correspondent(name=practitioner.display_name, mailbox=mailbox) if mailbox else None
