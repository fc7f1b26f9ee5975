"""Upload, download, deletion.  protocol §4: readable by whoever was a member at the envelope that names it."""

from collections.abc import AsyncIterator, Collection

from miss.base.clock import Clock
from miss.base.errors import NotFound
from miss.base.ids import AccountId, BlobId
from miss.base.random import RandomBytes
from miss.base.retention import HOUSE
from miss.chat.blobs import store
from miss.chat.blobs.counting import Counting
from miss.chat.blobs.errors import BlobEmpty
from miss.chat.blobs.model import ByteRange, StoredBlob, at_most, blob_name
from miss.chat.conversations import store as conversation_store
from miss.protocol.limits import MAX_BLOB_BYTES
from miss.storage import Database, Transaction
from miss.storage.blobs import BlobStore

UNATTACHED_LIFE = HOUSE.period("chat.unattached")


class Blobs:
    """The service of this room; uploads in parts are `uploads.py`."""

    def __init__(
        self, db: Database, blobs: BlobStore, clock: Clock, random_bytes: RandomBytes, counting: Counting
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._clock = clock
        self._random_bytes = random_bytes
        self._counting = counting

    async def upload(self, uid: AccountId, content: AsyncIterator[bytes], announced_bytes: int = 0) -> BlobId:
        """Store a blob, durable on return; its identifier.  `announced_bytes`: its size, if it is known before.

        Raises BlobTooLarge as soon as it is, BlobEmpty, BlobsFull before a byte is read if it can.
        """
        blob = BlobId(self._random_bytes(16))
        payer = await self._counting.establishment_of(uid)
        async with self._db.transaction() as tx:
            await store.add(tx, blob, uid, self._clock.now())
            await self._counting.keep(tx, payer, blob, announced_bytes)
        size_bytes = await self._blobs.put(blob_name(blob), at_most(content, MAX_BLOB_BYTES))
        if not size_bytes:
            raise BlobEmpty
        async with self._db.transaction() as tx:
            await self._counting.keep(tx, payer, blob, size_bytes)
            await store.complete(tx, blob, size_bytes, self._clock.now())
        return blob

    async def get(self, uid: AccountId, blob: BlobId) -> StoredBlob:
        """A blob this person may read: named by an envelope they may read or, while nothing names it, their own.

        Raises NotFound otherwise, as for one that does not exist.
        """
        async with self._db.snapshot() as tx:
            found = await store.find(tx, blob)
            if found is not None and await self._may_read(tx, uid, found):
                return found
        raise NotFound

    async def _may_read(self, tx: Transaction, uid: AccountId, blob: StoredBlob) -> bool:
        uses = await store.uses_of(tx, blob.id)
        for use in uses:
            intervals = await conversation_store.intervals_of(tx, use.cid, uid)
            if any(interval.clip(use.seq, use.seq) for interval in intervals):
                return True
        return not uses and blob.uploader == uid

    async def read(self, blob: StoredBlob, part: ByteRange | None) -> bytes:
        """The bytes, or a part of them.  Raises BlobMissing if the store has lost them."""
        if part is None:
            return await self._blobs.read(blob.name)
        return await self._blobs.read(blob.name, part.start, part.stop - part.start)

    async def sweep(self) -> int:
        """Delete blobs that nothing named within 24 hours, uploads that did not end within them; how many."""
        before = self._clock.now() - UNATTACHED_LIFE
        async with self._db.transaction() as tx:
            doomed = await store.doom_unattached(tx, before)
        await self.erase(doomed)
        async with self._db.snapshot() as tx:
            spent = await store.list_spent_parts(tx)
        await self._drop_parts([name for _, name in spent])
        return len(doomed)

    async def erase(self, doomed: Collection[BlobId]) -> None:
        """Delete the bytes of blobs that a committed transaction has doomed, then the blobs."""
        if not doomed:
            return
        async with self._db.snapshot() as tx:
            parts = [part for blob in doomed for part in await store.list_parts(tx, blob)]
        for part in parts:
            await self._blobs.delete(part.name)
        for blob in doomed:
            await self._blobs.delete(blob_name(blob))
        async with self._db.transaction() as tx:
            await store.remove(tx, doomed)
            await self._counting.release(tx, doomed)

    async def _drop_parts(self, names: Collection[str]) -> None:
        if not names:
            return
        for name in names:
            await self._blobs.delete(name)
        async with self._db.transaction() as tx:
            await store.remove_parts(tx, names)
