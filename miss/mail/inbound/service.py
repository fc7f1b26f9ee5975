"""Mail that arrives: judged inside the SMTP session, kept before it is acknowledged, then handed to its intake.

Our 250 follows the commit: from then on the mail is ours to lose (RFC 5321 §6.1), and it is not lost: it stays
sealed as it came until its intake has processed it; one that makes its intake fail stays too, as a dead job that the
operator sees and can run again.
"""

from collections.abc import Collection
from datetime import timedelta
from hashlib import blake2b
from typing import Protocol

import structlog
from sqlalchemy.exc import IntegrityError

from miss.base.clock import Clock
from miss.base.ids import MailId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.practitioners import Practitioner, Practitioners
from miss.mail.addresses import MailAddress, parse_address
from miss.mail.errors import MailIgnored
from miss.mail.headers import parse_headers
from miss.mail.inbound import store
from miss.mail.inbound.model import InboundMail
from miss.mail.inbound.parse import parse_mail
from miss.mail.rules import (
    Envelope,
    require_answerable,
    require_crlf_lines,
    require_member,
    require_one_sender,
    require_recipient,
)
from miss.storage import Database
from miss.storage.jobs import Job, JobHandler, JobRunner, RetryPolicy, schedule
from miss.storage.sealed import KeyStore

log = structlog.get_logger("miss.mail.inbound")

PROCESS = "mail.process"
RETRY = RetryPolicy(first_wait=timedelta(seconds=10), longest_wait=timedelta(minutes=10), max_attempts=3)
"""A mail that makes its intake fail three times is set aside (security.md §3, row 13)."""


class MailIntake(Protocol):
    """What a service does with the mail of one address."""

    @property
    def address(self) -> MailAddress:
        """The address that this intake answers for."""
        ...

    async def receive(self, mail: InboundMail, sender: Practitioner, mail_id: MailId) -> None:
        """Process one mail of a verified practitioner.  May run again after a crash with the same `mail_id`."""
        ...


class Intakes:
    """The addresses of this platform, and what arrives at them."""

    def __init__(
        self,
        db: Database,
        keystore: KeyStore,
        practitioners: Practitioners,
        jobs: JobRunner,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._db = db
        self._keystore = keystore
        self._practitioners = practitioners
        self._jobs = jobs
        self._clock = clock
        self._random_bytes = random_bytes
        self._intakes: dict[MailAddress, MailIntake] = {}

    def register(self, intake: MailIntake) -> None:
        """Answer for one more address.  Raises ValueError if somebody does already."""
        if intake.address in self._intakes:
            raise ValueError(f"two intakes for {intake.address}")
        self._intakes[intake.address] = intake

    @property
    def addresses(self) -> Collection[MailAddress]:
        """Every address that is answered for."""
        return self._intakes.keys()

    async def require_welcome(self, mail_from: str, rcpt_to: str) -> None:
        """Judge an envelope.  Raises RecipientUnknown, AddressMalformed, SenderUnknown."""
        require_recipient(rcpt_to, self.addresses)
        if mail_from not in ("", "<>"):
            sender = parse_address(mail_from, "MAIL FROM")
            require_member(await self._practitioners.find_by_mailbox(str(sender)) is not None)

    async def keep(self, mail_from: str, rcpt_tos: Collection[str], content: bytes) -> None:
        """Judge the content and keep it, durable on return, for each of its recipients.

        Raises a MailRefused that says why not; automatic mail is kept without an answer and without an error.
        """
        require_crlf_lines(content)
        envelope = Envelope(mail_from, tuple(rcpt_tos), len(content))
        headers = parse_headers(content)
        try:
            require_answerable(envelope, headers)
        except MailIgnored as ignored:
            log.info("mail.ignored", reason=ignored.code)
            for rcpt_to in rcpt_tos:
                await self._insert(rcpt_to, mail_from, None, content)
            return
        sender = await self._practitioners.find_by_mailbox(str(require_one_sender(envelope, headers)))
        require_member(sender is not None)
        parse_mail(content)  # what cannot be taken apart is refused while the sender's server still listens
        for rcpt_to in rcpt_tos:
            await self._insert(rcpt_to, mail_from, sender, content)
        self._jobs.wake()

    async def _insert(self, rcpt_to: str, mail_from: str, sender: Practitioner | None, content: bytes) -> None:
        recipient = str(require_recipient(rcpt_to, self.addresses))
        digest = blake2b(content, digest_size=32).digest()
        now = self._clock.now()
        mail_id = MailId(new_row_id(now, self._random_bytes))
        sealed = await self._keystore.seal(f"mail:{mail_id}", content, what="inbound_mail")
        try:
            async with self._db.transaction() as tx:
                await store.insert(
                    tx,
                    mail_id,
                    recipient=recipient,
                    sender=mail_from,
                    practitioner_id=sender.id if sender else "",
                    digest=digest,
                    sealed=sealed,
                    size_bytes=len(content),
                    now=now,
                )
                if sender:
                    await schedule(tx, PROCESS, mail_id, now, random_bytes=self._random_bytes)
        except IntegrityError:
            # The very same mail is kept already: the other server did not hear our 250 and brings it again.
            await self._keystore.destroy(f"mail:{mail_id}")
            log.info("mail.brought_again", size_bytes=len(content))
            return
        log.info("mail.kept", mail_id=mail_id, size_bytes=len(content))

    def job_handler(self) -> JobHandler:
        """Hands kept mails to their intakes."""
        return JobHandler(PROCESS, self._process, RETRY)

    async def _process(self, job: Job) -> None:
        async with self._db.snapshot() as tx:
            kept = await store.find_kept(tx, job.key)
        if kept is None:
            return
        content = await self._keystore.open(f"mail:{job.key}", kept.sealed, what="inbound_mail")
        sender = await self._practitioners.get(kept.practitioner_id)
        intake = self._intakes[parse_address(kept.recipient, "To")]
        await intake.receive(parse_mail(content), sender, MailId(job.key))
        async with self._db.transaction() as tx:
            await store.mark_processed(tx, job.key)
