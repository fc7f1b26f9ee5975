"""Mail that arrives: judged inside the SMTP session, kept before it is acknowledged, then handed to its intake.

Our 250 follows the commit: from then on the mail is ours to lose (RFC 5321 §6.1), and it is not lost: it stays sealed
as it came until its intake has processed it.  One that makes its intake fail, or the process die, three times is set
aside (`quarantine`) and its sender told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import IntegrityError

from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.base.ids import MailId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.practitioners import Practitioner, Practitioners
from miss.mail.addresses import MailAddress, parse_address
from miss.mail.errors import AutomaticMail, MailIgnored
from miss.mail.headers import Headers, parse_headers
from miss.mail.inbound import store
from miss.mail.inbound.authentication.model import Via
from miss.mail.inbound.bulk import store as bulk
from miss.mail.inbound.judge import ALIKE_WITHIN, Judge, Readers, Welcome
from miss.mail.inbound.metrics import Arrivals
from miss.mail.inbound.model import InboundMail
from miss.mail.inbound.trace_fields import without_trace
from miss.mail.rules import (
    Envelope,
    is_daemon,
    is_report,
    require_answerable,
    require_crlf_lines,
    require_member,
    require_recipient,
)
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, JobRunner, RetryPolicy, schedule
from miss.storage.sealed import KeyStore

log = structlog.get_logger("miss.mail.inbound")

PROCESS: Final = "mail.process"
MAX_TRIES: Final = 3
"""Then a mail is set aside (security.md §3, row 13)."""
RETRY: Final = RetryPolicy(first_wait=timedelta(seconds=10), longest_wait=timedelta(minutes=10), max_attempts=1_000)
"""What is away for a while does not count as a try, and is waited for: about a week."""
STRAIGHT: Final = Via()

Report = Callable[..., Awaitable[bool]]
"""`miss.mail.trace.Trace.receive(content, mail_from=…)`: whether it was a report, which is dealt with."""
Told = Callable[[Transaction, store.Waiting], Awaitable[None]]
"""Writes to the sender of a mail that is set aside, in the transaction that does so."""
Receipt = Callable[[Transaction, store.Waiting, bytes], Awaitable[None]]
"""Tells whoever asked for it that their mail was processed, in the transaction that says so."""


class MailIntake(Readers, Protocol):
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
        judge: Judge,
        practitioners: Practitioners,
        jobs: JobRunner,
        clock: Clock,
        random_bytes: RandomBytes,
        *,
        arrivals: Arrivals | None = None,
    ) -> None:
        self._db = db
        self._keystore = keystore
        self._judge = judge
        self._practitioners = practitioners
        self._jobs = jobs
        self._clock = clock
        self._random_bytes = random_bytes
        self._arrivals = arrivals or Arrivals()
        self._intakes: dict[MailAddress, MailIntake] = {}
        self._report: Report | None = None
        self._told: Told | None = None
        self._receipt: Receipt | None = None

    def register(self, intake: MailIntake) -> None:
        """Answer for one more address.  Raises ValueError if somebody does already."""
        if intake.address in self._intakes:
            raise ValueError(f"two intakes for {intake.address}")
        self._intakes[intake.address] = intake

    def take_reports(self, report: Report) -> None:
        """Hand delivery and disposition reports to `report`, before anything is asked of them."""
        self._report = report

    def tell_set_aside(self, told: Told) -> None:
        """Have `told` write to the sender of each mail that is set aside."""
        self._told = told

    def acknowledge(self, receipt: Receipt) -> None:
        """Have `receipt` answer the senders who ask for a disposition notification."""
        self._receipt = receipt

    @property
    def addresses(self) -> Collection[MailAddress]:
        """Every address that is answered for."""
        return self._intakes.keys()

    async def require_welcome(self, mail_from: str, rcpt_to: str) -> None:
        """Judge an envelope.  Raises RecipientUnknown, AddressMalformed, SenderUnknown."""
        with self._arrivals.counted():
            require_recipient(rcpt_to, self.addresses)
            if mail_from not in ("", "<>") and not is_daemon(mail_from):
                sender = parse_address(mail_from, "MAIL FROM")
                require_member(await self._practitioners.find_writer(str(sender)) is not None)

    async def keep(self, mail_from: str, rcpt_tos: Collection[str], content: bytes, via: Via = STRAIGHT) -> None:
        """Judge the content and keep it, durable on return, for each of its recipients.

        Raises a MailRefused that says why not; automatic mail is kept without an answer and without an error.
        """
        with self._arrivals.counted():
            require_crlf_lines(content)
            envelope = Envelope(mail_from, tuple(rcpt_tos), len(content))
            recipients = [require_recipient(rcpt_to, self.addresses) for rcpt_to in rcpt_tos]
            headers = parse_headers(content)
            if self._report is not None and is_report(headers) and await self._report(content, mail_from=mail_from):
                self._arrivals.count("report")
                return
            digest = blake2b(without_trace(content), digest_size=32).digest()
            if new := await self._not_kept_yet(recipients, digest):
                welcome = await self._welcome(envelope, content, headers, via, new)
                for recipient in new:
                    await self._insert(recipient, envelope, content, digest, via, welcome)
        self._jobs.wake()

    async def _not_kept_yet(self, recipients: Sequence[MailAddress], digest: bytes) -> list[MailAddress]:
        """Those for whom this is not a mail that is brought again because our 250 was not heard."""
        async with self._db.snapshot() as tx:
            new = [one for one in recipients if not await store.is_kept(tx, str(one), digest)]
        if len(new) < len(recipients):
            log.info("mail.brought_again")
            self._arrivals.count("brought_again")
        return new

    async def _welcome(
        self, envelope: Envelope, content: bytes, headers: Headers, via: Via, recipients: Sequence[MailAddress]
    ) -> Welcome | None:
        """None: it is kept without a word.  Raises MailRefused."""
        try:
            require_answerable(envelope, headers)
        except MailIgnored as ignored:
            if isinstance(ignored, AutomaticMail) and is_daemon(envelope.mail_from):
                require_member(False)  # not a report after all, from who says to be a mail server
            log.info("mail.ignored", reason=ignored.code)
            self._arrivals.count("ignored")
            return None
        intakes = [self._intakes[recipient] for recipient in recipients]
        return await self._judge.require_welcome(envelope, content, headers, via, intakes)

    async def _insert(
        self,
        recipient: MailAddress,
        envelope: Envelope,
        content: bytes,
        digest: bytes,
        via: Via,
        welcome: Welcome | None,
    ) -> None:
        now = self._clock.now()
        mail_id = MailId(new_row_id(now, self._random_bytes))
        arrival = store.Arrival(
            id=mail_id,
            recipient=str(recipient),
            sender=envelope.mail_from,
            practitioner_id=welcome.sender.id if welcome else "",
            proof=welcome.proof.value if welcome else "",
            client=via.client,
            digest=digest,
            sealed=await self._keystore.seal(f"mail:{mail_id}", content, what="inbound_mail"),
            size_bytes=len(content),
            received_at=now,
        )
        try:
            async with self._db.transaction() as tx:
                await store.insert(tx, arrival)
                if welcome:
                    if welcome.body:
                        await bulk.add(tx, welcome.sender.id, welcome.body, now, now - ALIKE_WITHIN)
                    await schedule(tx, PROCESS, mail_id, now, random_bytes=self._random_bytes)
        except IntegrityError:
            # Brought twice at the same moment: the other one is kept.
            await self._keystore.destroy(f"mail:{mail_id}")
            log.info("mail.brought_again")
            self._arrivals.count("brought_again")
            return
        log.info("mail.kept", mail_id=mail_id, size_bytes=len(content), proof=arrival.proof)
        if welcome:
            self._arrivals.count("kept")

    def job_handler(self) -> JobHandler:
        """Hands kept mails to their intakes."""
        return JobHandler(PROCESS, self._process, RETRY)

    async def _process(self, job: Job) -> None:
        async with self._db.transaction() as tx:
            # Counted before it is tried: a mail that kills its process has been tried too.
            waiting = await store.begin_try(tx, job.key)
        if waiting is None:
            return
        if waiting.tries > MAX_TRIES:
            await self._set_aside(waiting, "crash")
            return
        try:
            await self._hand_over(waiting)
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) or (isinstance(error, MissError) and error.temporary):
                async with self._db.transaction() as tx:
                    await store.forgive_try(tx, job.key)
                raise
            reason = error.code if isinstance(error, MissError) else type(error).__name__
            if waiting.tries < MAX_TRIES:
                async with self._db.transaction() as tx:
                    await store.note_failure(tx, job.key, reason)
                raise
            await self._set_aside(waiting, reason)

    async def _hand_over(self, waiting: store.Waiting) -> None:
        content = await self._keystore.open(f"mail:{waiting.id}", waiting.sealed, what="inbound_mail")
        sender = await self._practitioners.get(waiting.practitioner_id)
        intake = self._intakes[parse_address(waiting.recipient, "To")]
        await intake.receive(await self._judge.read(content), sender, waiting.id)
        async with self._db.transaction() as tx:
            await store.mark_processed(tx, waiting.id)
            if self._receipt is not None:
                await self._receipt(tx, waiting, content)

    async def _set_aside(self, waiting: store.Waiting, reason: str) -> None:
        async with self._db.transaction() as tx:
            await store.set_aside(tx, waiting.id, reason, self._clock.now())
            if self._told is not None:
                await self._told(tx, waiting)
        self._jobs.wake()
        self._arrivals.count("set_aside")
        log.error("mail.set_aside", mail_id=waiting.id, reason=reason)
