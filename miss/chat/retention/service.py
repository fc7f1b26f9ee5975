"""The job that lets things expire, in slices short enough to delay no acknowledgement.  protocol §5

Nobody is told: clients know the policy and apply it to what they hold.  What stays is the hash of each envelope, so
that the log and its receipts go on being verifiable.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from miss.base.clock import Clock, to_ms
from miss.base.ids import BlobId
from miss.base.random import RandomBytes
from miss.chat.alarms import store as alarm_store
from miss.chat.blobs import store as blob_store
from miss.chat.blobs.service import Blobs
from miss.chat.conversations import store as conversation_store
from miss.chat.delivery import store as message_store
from miss.chat.retention import store
from miss.chat.retention.model import Kept, life_of, next_look
from miss.chat.vault import store as vault_store
from miss.protocol.crypto.commits import Policy
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, schedule

RETENTION_JOB = "chat.retention"
EVERY = timedelta(minutes=10)
SLICE_CONVERSATIONS = 20
SLICE_ENVELOPES = 500
MAX_SLICES = 200
"""Slices one run does before it makes room for other jobs; the rest follows at once."""


class Retention:
    """The service of this room."""

    def __init__(
        self, db: Database, clock: Clock, random_bytes: RandomBytes, blobs: Blobs, *, default: timedelta
    ) -> None:
        """`default`: how long an envelope lives where a conversation's policy leaves it to the server."""
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._blobs = blobs
        self._default = default

    def job_handler(self) -> JobHandler:
        """Lets expire what is due."""
        return JobHandler(RETENTION_JOB, self._run)

    async def plan(self, due_at: datetime) -> None:
        """Have the job run at that instant."""
        async with self._db.transaction() as tx:
            await schedule(tx, RETENTION_JOB, "all", due_at, random_bytes=self._random_bytes)

    async def _run(self, _job: Job) -> None:
        for _ in range(MAX_SLICES):
            if not await self.expire_some():
                await self.plan(self._clock.now() + EVERY)
                return
        await self.plan(self._clock.now())

    async def expire_some(self) -> bool:
        """One slice; False if nothing was due."""
        now = self._clock.now()
        room = SLICE_ENVELOPES
        doomed: list[BlobId] = []
        async with self._db.transaction() as tx:
            due = await store.hold_due(tx, now, SLICE_CONVERSATIONS)
            for kept in due:
                if room:
                    seqs, loose = await self._expire(tx, kept, room, now)
                    room -= len(seqs)
                    doomed += loose
        await self._blobs.erase(doomed)
        return bool(due)

    async def _expire(
        self, tx: Transaction, kept: Kept, room: int, now: datetime
    ) -> tuple[Sequence[int], Sequence[BlobId]]:
        """The places emptied, at most `room`, and the blobs that nothing names any more."""
        commit = await conversation_store.find_commit(tx, kept.cid, kept.epoch)
        life = life_of(commit.core.policy if commit else Policy(), self._default)
        before = now - life
        seqs = await store.list_expired(tx, kept, to_ms(before), room)
        loose: Sequence[BlobId] = ()
        if seqs:
            await message_store.blank(tx, kept.cid, seqs)
            await alarm_store.remove(tx, kept.cid, seqs)
            loose = await blob_store.detach(tx, kept.cid, seqs)
        oldest = await store.find_oldest(tx, kept)
        expired_seq = oldest.seq - 1 if oldest else kept.last_seq
        epoch = await store.first_needed_epoch(tx, kept, expired_seq, before)
        if epoch > 1:
            await store.forget_boxes(tx, kept.cid, epoch)
            await vault_store.forget_before(tx, kept.cid, epoch)
        await store.put_look(tx, kept.cid, expired_seq, next_look(oldest, life, now))
        return seqs, loose
