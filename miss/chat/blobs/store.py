"""Queries on blobs."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, exists, insert, update
from sqlmodel import col, select

from miss.base.ids import AccountId, BlobId, ConversationId
from miss.chat.blobs.model import BlobUse, Part, StoredBlob, Upload
from miss.chat.blobs.tables import BlobPartRow, BlobRow, BlobUseRow
from miss.storage import Transaction

SWEEP_BATCH = 500
DOOMED = datetime(1970, 1, 1, tzinfo=UTC)
"""`created_at` of a blob that is being deleted."""
_NAMED = exists().where(col(BlobUseRow.blob) == BlobRow.id)


async def add(tx: Transaction, blob: BlobId, uploader: AccountId, at: datetime, announced_bytes: int = 0) -> None:
    """An upload begins; `announced_bytes`: its size, if it comes in parts."""
    tx.add(BlobRow(id=blob, uploader=uploader, created_at=at, announced_bytes=announced_bytes))
    await tx.flush()


async def complete(tx: Transaction, blob: BlobId, size_bytes: int, at: datetime) -> None:
    """The upload is whole."""
    unfinished = (col(BlobRow.id) == blob) & (col(BlobRow.size_bytes) == 0) & (col(BlobRow.created_at) > DOOMED)
    await tx.exec(update(BlobRow).where(unfinished).values(size_bytes=size_bytes, created_at=at))


async def find(tx: Transaction, blob: BlobId) -> StoredBlob | None:
    """A blob that was uploaded whole."""
    row = await tx.get(BlobRow, blob)
    if row is None or not row.size_bytes:
        return None
    return StoredBlob(BlobId(row.id), AccountId(row.uploader), row.size_bytes)


async def uploaders_of(tx: Transaction, blobs: Collection[BlobId]) -> dict[BlobId, AccountId]:
    """Who uploaded each; blobs that are unknown or not whole are absent.  None of the others goes before the end."""
    query = (
        select(col(BlobRow.id), col(BlobRow.uploader))
        .where(col(BlobRow.id).in_(sorted(blobs)), col(BlobRow.size_bytes) > 0)
        .order_by(col(BlobRow.id))
        .with_for_update(read=True, key_share=True)
    )
    return {BlobId(blob): AccountId(uid) for blob, uid in await tx.exec(query)}


async def attach(tx: Transaction, uses: Sequence[BlobUse]) -> None:
    """Record which envelopes name which blobs."""
    unique = {use: {"blob": use.blob, "cid": use.cid, "seq": use.seq} for use in uses}
    if unique:
        connection = await tx.connection()
        await connection.execute(insert(BlobUseRow), list(unique.values()))


async def uses_of(tx: Transaction, blob: BlobId) -> list[BlobUse]:
    """Every envelope that names it."""
    query = select(col(BlobUseRow.cid), col(BlobUseRow.seq)).where(col(BlobUseRow.blob) == blob)
    return [BlobUse(blob, ConversationId(cid), seq) for cid, seq in await tx.exec(query)]


# The end of a blob: doomed in one transaction, which hides it; its bytes deleted; then the row.  A crash in between
# leaves a doomed row, which the next sweep finds.


async def doom_unattached(tx: Transaction, before: datetime) -> list[BlobId]:
    """Hide blobs begun or completed before `before` that no envelope names, at most SWEEP_BATCH; which ones."""
    query = (
        select(col(BlobRow.id))
        .where(col(BlobRow.created_at) < before, ~_NAMED)
        .order_by(col(BlobRow.id))
        .limit(SWEEP_BATCH)
        .with_for_update()
    )
    return await _doom(tx, [BlobId(blob) for blob in await tx.exec(query)])


async def detach(tx: Transaction, cid: ConversationId, seqs: Collection[int]) -> list[BlobId]:
    """These envelopes are gone: hide the blobs that they alone named; which ones."""
    theirs = (col(BlobUseRow.cid) == cid) & col(BlobUseRow.seq).in_(seqs)
    released = {
        BlobId(row[0]) for row in await tx.exec(delete(BlobUseRow).where(theirs).returning(col(BlobUseRow.blob)))
    }
    if not released:
        return []
    held = select(col(BlobRow.id)).where(col(BlobRow.id).in_(released)).order_by(col(BlobRow.id)).with_for_update()
    return await _doom(tx, [BlobId(blob) for blob in await tx.exec(held)])


async def _doom(tx: Transaction, blobs: Collection[BlobId]) -> list[BlobId]:
    """Those of these locked blobs that no envelope names; asked again, since a lock may have waited for one."""
    doomed = await tx.exec(
        update(BlobRow)
        .where(col(BlobRow.id).in_(blobs), ~_NAMED)
        .values(size_bytes=0, announced_bytes=0, created_at=DOOMED)
        .returning(col(BlobRow.id))
    )
    return [BlobId(row[0]) for row in doomed]


async def remove(tx: Transaction, blobs: Collection[BlobId]) -> None:
    """Forget doomed blobs whose bytes are deleted, and their parts."""
    await tx.exec(delete(BlobPartRow).where(col(BlobPartRow.blob).in_(blobs)))
    await tx.exec(delete(BlobRow).where(col(BlobRow.id).in_(blobs)))


# Uploads in parts


async def find_upload(tx: Transaction, blob: BlobId, *, lock: bool = False) -> Upload | None:
    """An upload in parts; `lock`: no other part is begun before the end."""
    query = select(BlobRow).where(BlobRow.id == blob, BlobRow.announced_bytes > 0)
    row = (await tx.exec(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        return None
    return Upload(
        BlobId(row.id), AccountId(row.uploader), row.announced_bytes, row.size_bytes > 0, await list_parts(tx, blob)
    )


async def list_parts(tx: Transaction, blob: BlobId) -> tuple[Part, ...]:
    """Every part begun, in order."""
    query = select(BlobPartRow).where(BlobPartRow.blob == blob).order_by(col(BlobPartRow.start))
    return tuple(Part(row.start, row.name, row.size_bytes) for row in await tx.exec(query))


async def begin_part(tx: Transaction, blob: BlobId, part: Part) -> None:
    """A part begins, in place of one that began there and never ended.  The upload is locked."""
    await tx.exec(delete(BlobPartRow).where(col(BlobPartRow.blob) == blob, col(BlobPartRow.start) == part.start))
    tx.add(BlobPartRow(blob=blob, start=part.start, name=part.name))
    await tx.flush()


async def end_part(tx: Transaction, blob: BlobId, part: Part) -> bool:
    """The bytes of a part are there; False if another one has taken its place, or the upload is gone."""
    begun = (col(BlobPartRow.blob) == blob) & (col(BlobPartRow.name) == part.name)
    ended = await tx.exec(update(BlobPartRow).where(begun).values(size_bytes=part.size_bytes))
    return ended.rowcount == 1


async def list_spent_parts(tx: Transaction) -> list[tuple[BlobId, str]]:
    """Parts of uploads that were put together, by upload and name, at most SWEEP_BATCH."""
    query = (
        select(col(BlobPartRow.blob), col(BlobPartRow.name))
        .join(BlobRow, col(BlobRow.id) == BlobPartRow.blob)
        .where(col(BlobRow.size_bytes) > 0)
        .limit(SWEEP_BATCH)
    )
    return [(BlobId(blob), name) for blob, name in await tx.exec(query)]


async def remove_parts(tx: Transaction, names: Collection[str]) -> None:
    """Forget parts whose bytes are deleted."""
    await tx.exec(delete(BlobPartRow).where(col(BlobPartRow.name).in_(names)))
