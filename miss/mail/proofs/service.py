"""Collects somebody's proofs, sends them by the month to who wants it, destroys them after a year.

The day's look does both: what is past its time goes, and on the first of a month the archives of the last one leave,
each under a Message-ID made of the month, so that none leaves twice.
"""

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

import structlog

from miss.base.clock import Clock
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.base.text import Language, Text
from miss.directory.accounts import Account, Accounts
from miss.directory.agreements import Acceptance, Document
from miss.directory.practitioners import Practitioners
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.errors import AddressMalformed, MailTooLarge
from miss.mail.outbound import AutoSubmitted, OutboundAttachment, OutboundMail, Outbox, message_id_for
from miss.mail.proofs import store
from miss.mail.proofs.archive import compose_archive
from miss.mail.proofs.errors import ProofUnknown
from miss.mail.proofs.model import DOWNLOAD_FOR, KEPT_FOR, MAX_MAILS, Proof, Statement, month_after, month_before
from miss.mail.proofs.signature import Seal
from miss.mail.trace import store as traces
from miss.storage import Database
from miss.storage.errors import DataKeyDestroyed
from miss.storage.jobs import Job, JobHandler, schedule
from miss.storage.sealed import KeyStore

KIND: Final = "mail.proofs"
KEY: Final = "all"
LOOK_EVERY: Final = timedelta(days=1)
SLICE: Final = 200
LOCAL_PART: Final = "miss"

AcceptancesOf = Callable[[AccountId], Awaitable[Sequence[Acceptance]]]

log = structlog.get_logger("miss.mail.proofs")

_SUBJECT: Final = Text(fr="Vos preuves d’envoi : {month}", en="Your proofs of sending: {month}")
_BODY: Final = Text(
    fr="Bonjour,\n\nVous trouverez ci-joint les preuves signées des courriels envoyés pour vous en {month} : {count}. "
    "Elles ne contiennent aucune donnée de patient.\n\nPour ne plus les recevoir : {page}\n\nCe message est "
    "automatique : n’y répondez pas.\n",
    en="Hello,\n\nAttached are the signed proofs of the mails sent for you in {month}: {count}. They hold no data "
    "about patients.\n\nTo receive them no more: {page}\n\nThis message is automatic: do not answer it.\n",
)
_TOO_LARGE: Final = Text(
    fr="Bonjour,\n\nLes preuves des courriels envoyés pour vous en {month} ({count}) sont trop volumineuses pour un "
    "message. Téléchargez-les dans les 60 jours : {page}\n\nCe message est automatique : n’y répondez pas.\n",
    en="Hello,\n\nThe proofs of the mails sent for you in {month} ({count}) are too large for a message. Download them "
    "within 60 days: {page}\n\nThis message is automatic: do not answer it.\n",
)


@dataclass(frozen=True, slots=True)
class ProofRules:
    """How a deployment proves."""

    operator: str
    domain: str
    """Of the platform's own addresses."""
    page: str
    """Address of « Mes preuves »."""
    zone: tzinfo
    """Of months, and of the instants on the PDF."""


class Proofs:
    """What was sent for people."""

    def __init__(
        self,
        db: Database,
        keystore: KeyStore,
        clock: Clock,
        random_bytes: RandomBytes,
        accounts: Accounts,
        practitioners: Practitioners,
        outbox: Outbox,
        accepted_by: AcceptancesOf,
        seal: Seal,
        rules: ProofRules,
    ) -> None:
        """`accepted_by`: what somebody agreed to.  Raises AddressMalformed."""
        self._db, self._keystore = db, keystore
        self._clock, self._random_bytes = clock, random_bytes
        self._accounts, self._practitioners = accounts, practitioners
        self._outbox = outbox
        self._accepted_by = accepted_by
        self._seal, self._rules = seal, rules
        self._sender = Mailbox(parse_address(f"{LOCAL_PART}@{rules.domain}", "mail_domain"), "MiSS")

    async def list_own(self, account: Account) -> list[Proof]:
        """What may be downloaded, newest first."""
        now = self._clock.now()
        return await self._collect(account, now - DOWNLOAD_FOR, now + timedelta(seconds=1))

    async def download_all(self, account: Account) -> bytes:
        """The ZIP of all that may be downloaded."""
        now = self._clock.now()
        proofs = await self.list_own(account)
        return await self._compose(account, proofs, now - DOWNLOAD_FOR, now)

    async def download(self, account: Account, mail_id: str) -> bytes:
        """The ZIP of one mail, with the mail as it left if it is kept still.  Raises ProofUnknown."""
        for proof in await self.list_own(account):
            if proof.mailed.id == mail_id:
                queued_at = proof.mailed.queued_at
                content = await self._content(mail_id)
                return await self._compose(account, [proof], queued_at, queued_at, content)
        raise ProofUnknown

    async def is_subscribed(self, uid: AccountId) -> bool:
        """Whether somebody is sent their archives."""
        async with self._db.snapshot() as tx:
            return await store.find_since(tx, uid) is not None

    async def subscribe(self, uid: AccountId, *, wanted: bool) -> None:
        """Send them every month, or no more."""
        async with self._db.transaction() as tx:
            if wanted:
                await store.insert(tx, uid, self._clock.now())
            else:
                await store.delete(tx, uid)

    def job_handler(self) -> JobHandler:
        """The look of the day."""
        return JobHandler(KIND, self._run)

    async def start(self) -> None:
        """Plan the next look: tomorrow, or the first of the month at five if that is sooner."""
        now = self._clock.now().astimezone(self._rules.zone)
        async with self._db.transaction() as tx:
            due_at = min(now + LOOK_EVERY, month_after(now))
            await schedule(tx, KIND, KEY, due_at, random_bytes=self._random_bytes)

    async def _run(self, _job: Job) -> None:
        await self.destroy_past()
        await self.send_monthly()
        await self.start()

    async def destroy_past(self) -> int:
        """Forget proofs that are a year old; how many mails."""
        before, destroyed = self._clock.now() - KEPT_FOR, 0
        while True:
            async with self._db.transaction() as tx:
                past = await traces.list_proofs_past(tx, before, SLICE)
                await traces.destroy_proofs(tx, past)
            destroyed += len(past)
            if len(past) < SLICE:
                break
        if destroyed:
            log.info("mail.proofs_destroyed", count=destroyed)
        return destroyed

    async def send_monthly(self) -> int:
        """Queue the archives of last month that were not sent yet; how many people have one."""
        since, until = month_before(self._clock.now().astimezone(self._rules.zone))
        async with self._db.snapshot() as tx:
            uids = await store.list_all(tx)
        sent = 0
        for account in (await self._accounts.get_many(uids)).values():
            proofs = await self._collect(account, since, until)
            if proofs and account.is_active:
                sent += await self._send(account, proofs, since, until)
        return sent

    async def _send(self, account: Account, proofs: Sequence[Proof], since: datetime, until: datetime) -> bool:
        """False: there is nowhere to write to, or it was sent before."""
        to = await self._mailbox(account)
        message_id = message_id_for(f"proofs-{since:%Y-%m}", account.uid.hex(), self._rules.domain)
        async with self._db.snapshot() as tx:
            is_sent = await traces.find_by_message_id(tx, message_id) is not None
        if to is None or is_sent:
            return False
        content = await self._compose(account, proofs, since, until)
        words = {"month": f"{since:%m/%Y}", "count": len(proofs), "page": self._rules.page}
        mail = OutboundMail(
            message_id=message_id,
            sender=self._sender,
            to=to,
            subject=_SUBJECT.in_(Language.FR, **words),
            text=_BODY.in_(Language.FR, **words),
            attachments=(OutboundAttachment(f"preuves-{since:%Y-%m}.zip", "application/zip", content),),
            auto_submitted=AutoSubmitted.GENERATED,
        )
        try:
            await self._enqueue(mail)
        except MailTooLarge:
            text = _TOO_LARGE.in_(Language.FR, **words)
            await self._enqueue(
                OutboundMail(
                    message_id=message_id,
                    sender=self._sender,
                    to=to,
                    subject=mail.subject,
                    text=text,
                    auto_submitted=AutoSubmitted.GENERATED,
                )
            )
        return True

    async def _enqueue(self, mail: OutboundMail) -> None:
        async with self._db.transaction() as tx:
            await self._outbox.enqueue(tx, mail, about="proofs")

    async def _collect(self, account: Account, since: datetime, until: datetime) -> list[Proof]:
        async with self._db.snapshot() as tx:
            mails = await traces.list_of_author(tx, account.practitioner_id, since, until, MAX_MAILS)
            steps = await traces.list_steps(tx, [mailed.id for mailed in mails])
        return [Proof(mailed, tuple(steps[mailed.id])) for mailed in mails]

    async def _compose(
        self, account: Account, proofs: Sequence[Proof], since: datetime, until: datetime, mail: bytes | None = None
    ) -> bytes:
        practitioner = await self._practitioners.get(account.practitioner_id)
        terms = [one for one in await self._accepted_by(account.uid) if one.document is Document.TERMS]
        statement = Statement(
            operator=self._rules.operator,
            author=practitioner.display_name,
            author_id=practitioner.id,
            terms=terms[-1].version if terms else "",
            terms_accepted_at=terms[-1].at if terms else None,
            made_at=self._clock.now(),
            since=since,
            until=until,
            proofs=proofs,
        )
        return await to_thread(compose_archive, statement, self._seal, self._rules.zone, mail)

    async def _content(self, mail_id: str) -> bytes | None:
        sealed = await self._find_sealed(mail_id)
        try:
            return await self._keystore.open(f"mail:{mail_id}", sealed, what="outbound_mail") if sealed else None
        except DataKeyDestroyed:
            return None

    async def _find_sealed(self, mail_id: str) -> bytes:
        async with self._db.snapshot() as tx:
            return await traces.find_sealed(tx, mail_id)

    async def _mailbox(self, account: Account) -> Mailbox | None:
        practitioner = await self._practitioners.get(account.practitioner_id)
        for address in practitioner.letterboxes:
            try:
                return Mailbox(parse_address(address))
            except AddressMalformed:
                continue
        return None
