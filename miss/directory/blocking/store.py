"""Queries on blocked correspondents."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import AccountId, PractitionerId
from miss.directory.accounts.tables import AccountRow
from miss.directory.blocking.model import Block, BlockedPair, BlockReason
from miss.directory.blocking.tables import CorrespondentBlockRow
from miss.storage import Transaction


async def insert(tx: Transaction, block: Block) -> bool:
    """False if they are on the list already."""
    try:
        async with tx.begin_nested():
            tx.add(
                CorrespondentBlockRow(
                    id=block.id,
                    uid=block.by,
                    practitioner_id=block.practitioner_id or "",
                    address=block.address,
                    reason=block.reason.value,
                    since=block.since,
                )
            )
            await tx.flush()
    except IntegrityError:
        return False
    return True


async def delete_block(tx: Transaction, by: AccountId, block_id: str) -> bool:
    """False if it is not on that person's list."""
    row = CorrespondentBlockRow
    return (await tx.exec(delete(row).where(col(row.id) == block_id, col(row.uid) == by))).rowcount == 1


async def count(tx: Transaction, by: AccountId) -> int:
    """How many lines that person's list has."""
    query = select(func.count()).select_from(CorrespondentBlockRow).where(CorrespondentBlockRow.uid == by)
    return (await tx.exec(query)).one()


async def list_of(tx: Transaction, by: AccountId, limit: int) -> Sequence[Block]:
    """That person's list, the newest first."""
    query = (
        select(CorrespondentBlockRow)
        .where(CorrespondentBlockRow.uid == by)
        .order_by(col(CorrespondentBlockRow.since).desc(), col(CorrespondentBlockRow.id).desc())
        .limit(limit)
    )
    return [_block(row) for row in await tx.exec(query)]


async def list_between(tx: Transaction, uids: Collection[AccountId]) -> list[BlockedPair]:
    """Who of these accounts has blocked whom of them."""
    row = CorrespondentBlockRow
    query = (
        select(row.uid, AccountRow.uid, row.reason)
        .join(AccountRow, col(AccountRow.practitioner_id) == col(row.practitioner_id))
        .where(col(row.uid).in_(sorted(uids)), col(AccountRow.uid).in_(sorted(uids)))
    )
    return [
        BlockedPair(AccountId(by), AccountId(blocked), BlockReason(reason))
        for by, blocked, reason in await tx.exec(query)
    ]


async def list_who_blocked(
    tx: Transaction, practitioner_id: PractitionerId, addresses: Collection[str]
) -> frozenset[PractitionerId]:
    """Who has blocked that person, be it by an address that is theirs."""
    row = CorrespondentBlockRow
    query = (
        select(AccountRow.practitioner_id)
        .join(row, col(row.uid) == col(AccountRow.uid))
        .where(
            (col(row.practitioner_id) == practitioner_id)
            | ((col(row.address) != "") & col(row.address).in_(sorted(addresses)))
        )
    )
    return frozenset(PractitionerId(one) for one in await tx.exec(query))


async def list_blocked_by(tx: Transaction, practitioner_id: PractitionerId) -> frozenset[PractitionerId]:
    """Whom of the directory that person has blocked."""
    row = CorrespondentBlockRow
    query = (
        select(row.practitioner_id)
        .join(AccountRow, col(AccountRow.uid) == col(row.uid))
        .where(AccountRow.practitioner_id == practitioner_id, row.practitioner_id != "")
    )
    return frozenset(PractitionerId(one) for one in await tx.exec(query))


def _block(row: CorrespondentBlockRow) -> Block:
    return Block(
        id=row.id,
        by=AccountId(row.uid),
        practitioner_id=PractitionerId(row.practitioner_id) if row.practitioner_id else None,
        address=row.address,
        reason=BlockReason(row.reason),
        since=row.since,
    )
