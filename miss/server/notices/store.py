"""Queries on notices and on whom they go to."""

from sqlmodel import col, delete, select

from miss.base.ids import ConversationId, PractitionerId
from miss.server.notices.model import Notice
from miss.server.notices.tables import PlatformCorrespondentRow, PlatformNoticeRow
from miss.storage import Transaction


async def insert(tx: Transaction, notice: Notice) -> None:
    """Keep a notice until it is sent."""
    tx.add(
        PlatformNoticeRow(
            id=notice.id,
            practitioner_id=notice.to,
            kind=notice.kind,
            number=notice.number,
            created_at=notice.created_at,
        )
    )
    await tx.flush()


async def list_after(tx: Transaction, after: str, *, limit: int = 100) -> list[Notice]:
    """What waits, oldest first, after the notice `after`."""
    query = (
        select(PlatformNoticeRow)
        .where(col(PlatformNoticeRow.id) > after)
        .order_by(col(PlatformNoticeRow.id))
        .limit(limit)
    )
    return [
        Notice(row.id, PractitionerId(row.practitioner_id), row.kind, row.number, row.created_at)
        for row in await tx.exec(query)
    ]


async def remove(tx: Transaction, notice_id: str) -> None:
    """It is sent, or will never be."""
    await tx.exec(delete(PlatformNoticeRow).where(col(PlatformNoticeRow.id) == notice_id))


async def find_conversation(tx: Transaction, person: PractitionerId) -> ConversationId | None:
    """Where the platform wrote to somebody last."""
    row = await tx.get(PlatformCorrespondentRow, person)
    return ConversationId(bytes.fromhex(row.cid)) if row else None


async def put_conversation(tx: Transaction, person: PractitionerId, cid: ConversationId) -> None:
    """From now on the platform writes to them there."""
    row = await tx.get(PlatformCorrespondentRow, person) or PlatformCorrespondentRow(practitioner_id=person, cid="")
    row.cid = cid.hex()
    tx.add(row)
    await tx.flush()
