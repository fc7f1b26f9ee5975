"""Uploads in parts, which go on after a connection broke or the server restarted.

In the manner of tus 1.0 (`Upload-Offset`), with names of our own: each part is durable before it is answered, and what
arrived of one that was cut is kept.  The parts become one blob when the last byte is there; until then nobody but the
uploader sees it, and no envelope can name it.
"""

import contextlib
from collections.abc import AsyncIterator

from miss.base.clock import Clock
from miss.base.errors import NotFound
from miss.base.ids import AccountId, BlobId
from miss.base.random import RandomBytes
from miss.chat.blobs import store
from miss.chat.blobs.counting import Counting
from miss.chat.blobs.errors import BlobEmpty, UploadOffset, UploadParts
from miss.chat.blobs.model import Part, Upload, at_most, blob_name, part_name
from miss.protocol.errors import BlobTooLarge
from miss.protocol.limits import MAX_BLOB_BYTES
from miss.storage import Database, Transaction
from miss.storage.blobs import BlobStore
from miss.storage.errors import BlobExists, BlobMissing

MAX_PARTS = 1024


class Uploads:
    """Begins, continues, ends."""

    def __init__(
        self, db: Database, blobs: BlobStore, clock: Clock, random_bytes: RandomBytes, counting: Counting
    ) -> None:
        self._db = db
        self._blobs = blobs
        self._clock = clock
        self._random_bytes = random_bytes
        self._counting = counting

    async def begin(self, uid: AccountId, size_bytes: int) -> BlobId:
        """Announce an upload of that size.  Raises BlobTooLarge, BlobEmpty, BlobsFull."""
        if size_bytes > MAX_BLOB_BYTES:
            raise BlobTooLarge(size_bytes=size_bytes, max_bytes=MAX_BLOB_BYTES)
        if size_bytes < 1:
            raise BlobEmpty
        blob = BlobId(self._random_bytes(16))
        payer = await self._counting.establishment_of(uid)
        async with self._db.transaction() as tx:
            await store.add(tx, blob, uid, self._clock.now(), size_bytes)
            await self._counting.keep(tx, payer, blob, size_bytes)
        return blob

    async def offset(self, uid: AccountId, blob: BlobId) -> int:
        """How many bytes have come.  Raises NotFound unless the upload is this person's own."""
        async with self._db.snapshot() as tx:
            upload = await _own(tx, uid, blob)
        if upload.offset == upload.announced_bytes and not upload.is_whole:
            # The server stopped after the last part had come.
            await self._assemble(upload)
        return upload.offset

    async def add(self, uid: AccountId, blob: BlobId, offset: int, content: AsyncIterator[bytes]) -> int:
        """Take a part that begins at `offset`; how many bytes have come then.

        Of two parts that begin at the same place the later request wins.  Raises NotFound unless the upload is this
        person's own, UploadOffset, UploadParts, BlobTooLarge for one that runs past the size announced (which is not
        kept).
        """
        part = Part(offset, part_name(self._random_bytes(16)), 0)
        async with self._db.transaction() as tx:
            upload = await _own(tx, uid, blob, lock=True)
            if upload.offset != offset or upload.is_whole:
                raise UploadOffset(offset=upload.offset)
            if len(upload.parts) >= MAX_PARTS:
                raise UploadParts(max=MAX_PARTS)
            await store.begin_part(tx, blob, part)
        for stale in upload.parts:
            if stale.start == offset:
                await self._blobs.delete(stale.name)
        size_bytes = await self._blobs.put(part.name, at_most(content, upload.announced_bytes - offset))
        if not await self._keep(blob, Part(offset, part.name, size_bytes)):
            await self._blobs.delete(part.name)
        return await self.offset(uid, blob)

    async def _keep(self, blob: BlobId, part: Part) -> bool:
        """False if the part is worth nothing: empty, or another one has taken its place."""
        if not part.size_bytes:
            return False
        async with self._db.transaction() as tx:
            return await store.end_part(tx, blob, part)

    async def _assemble(self, upload: Upload) -> None:
        parts = [part for part in upload.parts if part.size_bytes]
        # Another request may be putting it together, or went no further than that: what is visible is whole.
        with contextlib.suppress(BlobExists, BlobMissing):
            await self._blobs.put(blob_name(upload.id), self._read(parts))
        await self._blobs.size_bytes(blob_name(upload.id))
        async with self._db.transaction() as tx:
            await store.complete(tx, upload.id, upload.announced_bytes, self._clock.now())
        for part in upload.parts:
            await self._blobs.delete(part.name)
        async with self._db.transaction() as tx:
            await store.remove_parts(tx, [part.name for part in upload.parts])

    async def _read(self, parts: list[Part]) -> AsyncIterator[bytes]:
        for part in parts:
            yield await self._blobs.read(part.name)


async def _own(tx: Transaction, uid: AccountId, blob: BlobId, *, lock: bool = False) -> Upload:
    upload = await store.find_upload(tx, blob, lock=lock)
    if upload is None or upload.uploader != uid:
        raise NotFound
    return upload
