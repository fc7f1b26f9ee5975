"""The outbox: a mail is queued in the transaction that decides to send it, and leaves over the lines.

At least once: a crash between the relay's 250 and our record of it sends the mail again, under the same Message-ID
(security.md §3).  Nothing is sent twice otherwise: a Message-ID that was queued before is not queued again.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from miss.base.clock import Clock
from miss.base.ids import MailId, new_row_id
from miss.base.random import RandomBytes
from miss.mail.outbound import store
from miss.mail.outbound.compose import compose_mail
from miss.mail.outbound.errors import MailNotRevivable, MailNotWaiting
from miss.mail.outbound.lines import LineLimits, Lines
from miss.mail.outbound.model import OutboundMail, Undelivered
from miss.mail.outbound.transport import MailTransport
from miss.mail.rules import OUTBOUND_LIMIT_BYTES
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, RetryPolicy, cancel, schedule
from miss.storage.sealed import KeyStore

log = structlog.get_logger("miss.mail.outbound")

SEND = "mail.send"
RETRY = RetryPolicy(first_wait=timedelta(minutes=30), longest_wait=timedelta(hours=4), max_attempts=33)
"""RFC 5321 §4.5.4.1: at least 30 minutes between tries, and several days before giving up (here five)."""
LATE_AFTER = timedelta(hours=1)
"""One try failed at least, half an hour after the mail was queued."""
GIVEN_UP_AFTER = timedelta(days=6)
"""No mail is tried for longer."""
Room = Callable[[str, int], Awaitable[int]]
"""How large a composed mail to an address may be, to leave within so many bytes (`Smime.room_for`)."""


class Outbox:
    """Queues mails and sends them."""

    def __init__(
        self,
        db: Database,
        keystore: KeyStore,
        transport: MailTransport,
        clock: Clock,
        random_bytes: RandomBytes,
        *,
        retry: RetryPolicy = RETRY,
        limits: LineLimits | None = None,
        room: Room | None = None,
    ) -> None:
        """`limits`: how many lines at once; None: those of `LineLimits`.  `room`: what `room_for` answers."""
        self._db = db
        self._keystore = keystore
        self._clock = clock
        self._random_bytes = random_bytes
        self._room = room
        self.transport = transport
        self.lines = Lines(db, keystore, transport, clock, random_bytes, retry, limits or LineLimits())

    async def enqueue(
        self, tx: Transaction, mail: OutboundMail, *, about: str, limit_bytes: int = OUTBOUND_LIMIT_BYTES
    ) -> MailId:
        """Have `mail` sent once `tx` commits; call `JobRunner.wake()` after the commit to send it at once.

        `about` names what it belongs to (`request:<id>`), never what it says; `limit_bytes`: more for who is known to
        take more.  Raises what `compose_mail` raises.
        """
        if known := await store.find_by_message_id(tx, mail.message_id):
            return known
        now = self._clock.now()
        mail_id = MailId(new_row_id(now, self._random_bytes))
        content = compose_mail(mail, now, limit_bytes)
        sealed = await self._keystore.seal(f"mail:{mail_id}", content, what="outbound_mail")
        await store.insert(tx, mail_id, mail, about=about, content=content, sealed=sealed, now=now)
        await schedule(tx, SEND, mail_id, now, random_bytes=self._random_bytes)
        return mail_id

    async def room_for(self, recipient: str, limit_bytes: int = OUTBOUND_LIMIT_BYTES) -> int:
        """How large a mail to `recipient` may be composed to leave within `limit_bytes`, signed and encrypted."""
        return await self._room(recipient, limit_bytes) if self._room else limit_bytes

    async def count_by_state(self) -> dict[str, int]:
        """How many mails are queued, accepted by the relay, refused by it."""
        async with self._db.snapshot() as tx:
            return await store.count_by_state(tx)

    async def age_s(self) -> float:
        """For how many seconds the mail that has waited longest has been queued; 0: none waits."""
        async with self._db.snapshot() as tx:
            queued_at = await store.oldest_queued(tx)
        return max(0.0, (self._clock.now() - queued_at).total_seconds()) if queued_at else 0.0

    async def list_undelivered(self, limit: int = 1_000) -> list[Undelivered]:
        """Mails refused within a day, and those that have waited for longer than a first try takes; oldest first.

        A mail that waits is left out while the relay took no other one since: then it is the relay that is away.
        """
        now = self._clock.now()
        async with self._db.snapshot() as tx:
            last_accepted_at = await store.find_last_accepted(tx)
            return await store.list_undelivered(
                tx,
                refused_since=now - timedelta(days=1),
                queued_since=now - GIVEN_UP_AFTER,
                queued_before=min(now - LATE_AFTER, last_accepted_at or now - GIVEN_UP_AFTER),
                limit=limit,
            )

    async def retry_now(self, mail_id: MailId) -> None:
        """Have a mail tried at once that waits, was refused, expired or given up.  Raises MailNotRevivable."""
        now = self._clock.now()
        async with self._db.transaction() as tx:
            if not await store.revive(tx, mail_id, now):
                raise MailNotRevivable
            await schedule(tx, SEND, mail_id, now, random_bytes=self._random_bytes)
        log.info("mail.retried_by_hand", mail_id=mail_id)

    async def give_up(self, mail_id: MailId) -> None:
        """Send a mail no more.  Raises MailNotWaiting: it left, leaves now, or was given up before."""
        async with self._db.transaction() as tx:
            if not await store.withdraw(tx, mail_id, self._clock.now()):
                raise MailNotWaiting
            await cancel(tx, SEND, mail_id)
        log.info("mail.given_up_by_hand", mail_id=mail_id)

    def job_handler(self) -> JobHandler:
        """Rings for a mail that is due: the lines of a server are woken, a command sends by itself."""
        return JobHandler(SEND, self._attend)

    async def _attend(self, job: Job) -> None:
        if self.lines.is_running:
            self.lines.wake()
            return
        await self.lines.drain()
        async with self._db.transaction() as tx:
            due_at = await store.find_due(tx, job.key)
            if due_at is not None:
                soon = self._clock.now() + timedelta(seconds=1)
                await schedule(tx, SEND, job.key, max(due_at, soon), random_bytes=self._random_bytes)
