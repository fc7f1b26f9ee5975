"""Queries on blocked correspondents."""

from collections.abc import Collection, Sequence

from sqlalchemy import bindparam, delete, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import AccountId, PractitionerId
from miss.directory.accounts.tables import AccountRow
from miss.directory.blocking.model import Block, BlockedPair, BlockReason
from miss.directory.blocking.tables import CorrespondentBlockRow
from miss.storage import Transaction
from miss.storage.direct import HotStatement


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


_BLOCKS = "correspondent_block JOIN account ON account.uid = correspondent_block.uid"
_SET_APART = HotStatement(
    f"SELECT account.practitioner_id FROM {_BLOCKS} WHERE correspondent_block.practitioner_id = $1"  # noqa: S608
    " OR correspondent_block.address <> '' AND correspondent_block.address = ANY($2::varchar[])"
    f" UNION SELECT correspondent_block.practitioner_id FROM {_BLOCKS}"
    " WHERE account.practitioner_id = $1 AND correspondent_block.practitioner_id <> ''",
    select(AccountRow.practitioner_id)
    .join(CorrespondentBlockRow, col(CorrespondentBlockRow.uid) == col(AccountRow.uid))
    .where(
        (col(CorrespondentBlockRow.practitioner_id) == bindparam("of"))
        | (
            (col(CorrespondentBlockRow.address) != "")
            & col(CorrespondentBlockRow.address).in_(bindparam("addresses", expanding=True))
        )
    )
    .union(
        select(CorrespondentBlockRow.practitioner_id)
        .join(AccountRow, col(AccountRow.uid) == col(CorrespondentBlockRow.uid))
        .where(
            col(AccountRow.practitioner_id) == bindparam("of"),
            CorrespondentBlockRow.practitioner_id != "",
        )
    ),
    ("of", "addresses"),
)


async def list_set_apart(
    tx: Transaction, practitioner_id: PractitionerId, addresses: Collection[str]
) -> frozenset[PractitionerId]:
    """Who has blocked that person, be it by an address that is theirs, and whom they have blocked."""
    rows = await _SET_APART.fetch(tx, practitioner_id, sorted(addresses))
    return frozenset(PractitionerId(one) for (one,) in rows)


async def list_reasons(
    tx: Transaction, practitioner_id: PractitionerId, addresses: Collection[str], readers: Collection[PractitionerId]
) -> dict[PractitionerId, BlockReason]:
    """Who of `readers` has blocked that person, and why."""
    row = CorrespondentBlockRow
    query = (
        select(AccountRow.practitioner_id, row.reason)
        .join(row, col(row.uid) == col(AccountRow.uid))
        .where(
            col(AccountRow.practitioner_id).in_(sorted(readers)),
            (col(row.practitioner_id) == practitioner_id)
            | ((col(row.address) != "") & col(row.address).in_(sorted(addresses))),
        )
    )
    return {PractitionerId(by): BlockReason(reason) for by, reason in await tx.exec(query)}


def _block(row: CorrespondentBlockRow) -> Block:
    return Block(
        id=row.id,
        by=AccountId(row.uid),
        practitioner_id=PractitionerId(row.practitioner_id) if row.practitioner_id else None,
        address=row.address,
        reason=BlockReason(row.reason),
        since=row.since,
    )
