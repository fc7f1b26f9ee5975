"""The outbox: a mail is queued in the transaction that decides to send it, and leaves by a job.

At least once: a crash between the relay's 250 and our record of it sends the mail again, under the same Message-ID
(security.md §3).  Nothing is sent twice otherwise: a Message-ID that was queued before is not queued again.
"""

from datetime import timedelta

import structlog

from miss.base.clock import Clock
from miss.base.ids import MailId, new_row_id
from miss.base.random import RandomBytes
from miss.mail.outbound import store
from miss.mail.outbound.compose import compose_mail
from miss.mail.outbound.errors import RelayAway, RelayRefused
from miss.mail.outbound.model import OutboundMail, Undelivered
from miss.mail.outbound.transport import MailTransport
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, RetryPolicy, schedule
from miss.storage.sealed import KeyStore

log = structlog.get_logger("miss.mail.outbound")

SEND = "mail.send"
RETRY = RetryPolicy(first_wait=timedelta(minutes=30), longest_wait=timedelta(hours=4), max_attempts=33)
"""RFC 5321 §4.5.4.1: at least 30 minutes between tries, and several days before giving up (here five)."""
LATE_AFTER = timedelta(hours=1)
"""One try failed at least, half an hour after the mail was queued."""
GIVEN_UP_AFTER = timedelta(days=6)
"""No mail is tried for longer."""
REPLY_CHARS = 400


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
    ) -> None:
        self._db = db
        self._keystore = keystore
        self._transport = transport
        self._clock = clock
        self._random_bytes = random_bytes
        self._retry = retry

    async def enqueue(self, tx: Transaction, mail: OutboundMail, *, about: str) -> MailId:
        """Have `mail` sent once `tx` commits; call `JobRunner.wake()` after the commit to send it at once.

        `about` names what it belongs to (`request:<id>`), never what it says.  Raises what `compose_mail` raises.
        """
        if known := await store.find_by_message_id(tx, mail.message_id):
            return known
        now = self._clock.now()
        mail_id = MailId(new_row_id(now, self._random_bytes))
        sealed = await self._keystore.seal(f"mail:{mail_id}", compose_mail(mail, now), what="outbound_mail")
        await store.insert(
            tx,
            mail_id,
            message_id=mail.message_id,
            about=about,
            sender=str(mail.sender.address),
            recipient=str(mail.to.address),
            sealed=sealed,
            now=now,
        )
        await schedule(tx, SEND, mail_id, now, random_bytes=self._random_bytes)
        return mail_id

    async def count_by_state(self) -> dict[str, int]:
        """How many mails are queued, accepted by the relay, refused by it."""
        async with self._db.snapshot() as tx:
            return await store.count_by_state(tx)

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

    def job_handler(self) -> JobHandler:
        """Sends what is due."""
        return JobHandler(SEND, self._send, self._retry)

    async def _send(self, job: Job) -> None:
        async with self._db.snapshot() as tx:
            queued = await store.find_queued(tx, job.key)
        if queued is None:
            return
        sender, recipient, sealed = queued
        content = await self._keystore.open(f"mail:{job.key}", sealed, what="outbound_mail")
        try:
            state, reply = "accepted", await self._transport.send(sender, recipient, content, mail_id=job.key)
        except RelayAway as error:
            async with self._db.transaction() as tx:
                await store.note_reply(tx, job.key, str(error.params["reason"])[:REPLY_CHARS])
            raise
        except RelayRefused as error:
            state, reply = "refused", str(error.params["reply"])
        async with self._db.transaction() as tx:
            await store.settle(tx, job.key, state, reply, self._clock.now())
        (log.info if state == "accepted" else log.error)("mail.settled", mail_id=job.key, state=state, reply=reply)
