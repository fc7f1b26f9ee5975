"""Queries on the access log.

The head is the one row that every act of the platform wants: it is locked last of all, right before the commit
(`miss.storage.do_last`), so that nobody who holds it waits for anything else.  Whatever locks a transaction takes
(account, tries, request, conversation…), their order ends with the head.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.directory.audit.anchors import Anchor, Mark
from miss.directory.audit.model import GENESIS, Entry, Fact, Head, Subject, chain, fit
from miss.directory.audit.tables import AuditAnchorRow, AuditEntryRow, AuditHeadRow
from miss.storage import Transaction, do_last

_HEAD = 1
_WAITING = "audit.waiting"


def append(tx: Transaction, fact: Fact) -> None:
    """Have `fact` become the next entry when `tx`, a writing transaction, commits; with it or not at all.

    Raises RuntimeError in a reading transaction, and inside a savepoint, whose end might not be the transaction's.
    """
    if tx.in_nested_transaction():
        raise RuntimeError("an entry of the access log belongs to a transaction, not to a savepoint")
    fact = fit(fact)
    if (waiting := tx.info.get(_WAITING)) is None:
        do_last(tx, _write_waiting)
        waiting = tx.info[_WAITING] = []
    waiting.append(fact)


async def _write_waiting(tx: Transaction) -> None:
    facts: list[Fact] = tx.info.pop(_WAITING)
    head = await _lock_head(tx)
    rows = []
    for fact in facts:
        entry = chain(head, fact)
        rows.append(
            {
                "number": entry.number,
                "at": fact.at,
                "actor": fact.actor,
                "act": fact.act,
                "subject_kind": fact.subject.kind,
                "subject_id": fact.subject.id,
                "detail": fact.detail,
                "previous": entry.previous,
                "hash": entry.hash,
            }
        )
        head = Head(entry.number, entry.hash)
    connection = await tx.connection()
    await connection.execute(insert(AuditEntryRow), rows)
    now_last = update(AuditHeadRow).where(col(AuditHeadRow.id) == _HEAD).values(number=head.number, hash=head.hash)
    await connection.execute(now_last)


async def _lock_head(tx: Transaction) -> Head:
    """The last entry, held until the transaction ends, so that no number is given twice and none is left out."""
    query = select(AuditHeadRow.number, AuditHeadRow.hash).where(AuditHeadRow.id == _HEAD).with_for_update()
    if (row := (await tx.exec(query)).one_or_none()) is None:
        try:
            async with tx.begin_nested():
                tx.add(AuditHeadRow(id=_HEAD, number=GENESIS.number, hash=GENESIS.hash))
                await tx.flush()
        except IntegrityError:
            pass  # another process wrote the first entry in this moment: its head is read below
        row = (await tx.exec(query)).one()
    return Head(*row)


async def get_head(tx: Transaction) -> Head:
    """The last entry; `GENESIS` if there is none."""
    row = (await tx.exec(select(AuditHeadRow.number, AuditHeadRow.hash).where(AuditHeadRow.id == _HEAD))).one_or_none()
    return Head(*row) if row else GENESIS


async def find(tx: Transaction, number: int) -> Entry | None:
    """One entry."""
    row = (await tx.exec(select(AuditEntryRow).where(AuditEntryRow.number == number))).one_or_none()
    return _entry(row) if row else None


async def list_after(tx: Transaction, number: int, limit: int) -> Sequence[Entry]:
    """The entries after `number`, oldest first."""
    query = select(AuditEntryRow).where(col(AuditEntryRow.number) > number).order_by(col(AuditEntryRow.number))
    return [_entry(row) for row in await tx.exec(query.limit(limit))]


async def list_before(
    tx: Transaction,
    number: int | None,
    limit: int,
    *,
    subject: Subject | None,
    actor: str | None,
    not_by: Collection[str] = (),
) -> Sequence[Entry]:
    """The entries before `number` (None: the newest), newest first: about `subject`, by `actor`, or all.

    `not_by`: those of these actors are left out.
    """
    query = select(AuditEntryRow)
    if number is not None:
        query = query.where(col(AuditEntryRow.number) < number)
    if subject is not None:
        query = query.where(AuditEntryRow.subject_kind == subject.kind, AuditEntryRow.subject_id == subject.id)
    if actor is not None:
        query = query.where(AuditEntryRow.actor == actor)
    if not_by:
        query = query.where(col(AuditEntryRow.actor).not_in(sorted(not_by)))
    return [_entry(row) for row in await tx.exec(query.order_by(col(AuditEntryRow.number).desc()).limit(limit))]


async def find_bounds(tx: Transaction, since: datetime, until: datetime) -> tuple[int, int] | None:
    """The numbers of the first and the last entry written at `since` or later and before `until`."""
    within = (col(AuditEntryRow.at) >= since, col(AuditEntryRow.at) < until)
    number = col(AuditEntryRow.number)
    first = (await tx.exec(select(number).where(*within).order_by(number).limit(1))).one_or_none()
    last = (await tx.exec(select(number).where(*within).order_by(number.desc()).limit(1))).one_or_none()
    return None if first is None or last is None else (first, last)


async def delete_through(tx: Transaction, number: int) -> None:
    """Delete the entries up to `number`, itself included, and the anchors of those before it."""
    await tx.exec(delete(AuditEntryRow).where(col(AuditEntryRow.number) <= number))
    await tx.exec(delete(AuditAnchorRow).where(col(AuditAnchorRow.number) < number))


async def insert_anchor(tx: Transaction, anchor: Anchor) -> bool:
    """False if that entry bears such a mark already."""
    try:
        async with tx.begin_nested():
            tx.add(
                AuditAnchorRow(
                    number=anchor.number,
                    mark=anchor.mark.value,
                    hash=anchor.hash,
                    entry_at=anchor.entry_at,
                    signed_at=anchor.signed_at,
                    key=anchor.key,
                    signature=anchor.signature,
                )
            )
            await tx.flush()
    except IntegrityError:
        return False
    return True


async def list_anchors(tx: Transaction, after: int = -1, limit: int = 1000) -> Sequence[Anchor]:
    """The anchors of entries after that number, in the order of their entries."""
    number = col(AuditAnchorRow.number)
    rows = await tx.exec(
        select(AuditAnchorRow).where(number > after).order_by(number, AuditAnchorRow.mark).limit(limit)
    )
    return [_anchor(row) for row in rows]


async def find_last_anchor(tx: Transaction, mark: Mark) -> Anchor | None:
    """The newest anchor of that kind."""
    query = select(AuditAnchorRow).where(AuditAnchorRow.mark == mark.value)
    row = (await tx.exec(query.order_by(col(AuditAnchorRow.number).desc()).limit(1))).one_or_none()
    return _anchor(row) if row else None


async def find_anchor_from(tx: Transaction, number: int) -> Anchor | None:
    """The first anchor of a head at `number` or after it."""
    query = select(AuditAnchorRow).where(AuditAnchorRow.mark == Mark.HEAD.value, col(AuditAnchorRow.number) >= number)
    row = (await tx.exec(query.order_by(col(AuditAnchorRow.number)).limit(1))).one_or_none()
    return _anchor(row) if row else None


def _entry(row: AuditEntryRow) -> Entry:
    fact = Fact(row.at, row.actor, row.act, Subject(row.subject_kind, row.subject_id), row.detail)
    return Entry(row.number, fact, row.previous, row.hash)


def _anchor(row: AuditAnchorRow) -> Anchor:
    return Anchor(Mark(row.mark), row.number, row.hash, row.entry_at, row.signed_at, row.key, row.signature)
