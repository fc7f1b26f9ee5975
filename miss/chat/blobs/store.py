"""Queries on blobs."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, exists, insert, update
from sqlmodel import col, select

from miss.base.ids import AccountId, BlobId, ConversationId
from miss.chat.blobs.model import BlobUse, StoredBlob
from miss.chat.blobs.tables import BlobRow, BlobUseRow
from miss.storage import Transaction

SWEEP_BATCH = 500


async def add(tx: Transaction, blob: BlobId, uploader: AccountId, at: datetime) -> None:
    """An upload begins."""
    tx.add(BlobRow(id=blob, uploader=uploader, created_at=at))
    await tx.flush()


async def complete(tx: Transaction, blob: BlobId, size_bytes: int) -> None:
    """The upload is whole."""
    await tx.exec(update(BlobRow).where(col(BlobRow.id) == blob).values(size_bytes=size_bytes))


async def find(tx: Transaction, blob: BlobId) -> StoredBlob | None:
    """A blob that was uploaded whole."""
    row = await tx.get(BlobRow, blob)
    if row is None or not row.size_bytes:
        return None
    return StoredBlob(BlobId(row.id), AccountId(row.uploader), row.size_bytes)


async def uploaders_of(tx: Transaction, blobs: Collection[BlobId]) -> dict[BlobId, AccountId]:
    """Who uploaded each; blobs that are unknown or not whole are absent."""
    query = select(col(BlobRow.id), col(BlobRow.uploader)).where(
        col(BlobRow.id).in_(sorted(blobs)), col(BlobRow.size_bytes) > 0
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


async def take_unattached(tx: Transaction, before: datetime) -> list[BlobId]:
    """Remove blobs uploaded before `before` that no envelope names, at most SWEEP_BATCH; which ones."""
    named = exists().where(col(BlobUseRow.blob) == BlobRow.id)
    query = select(col(BlobRow.id)).where(col(BlobRow.created_at) < before, ~named).limit(SWEEP_BATCH)
    blobs = [BlobId(blob) for blob in await tx.exec(query)]
    await tx.exec(delete(BlobRow).where(col(BlobRow.id).in_(blobs)))
    return blobs
