"""Queries on what people write about pools, and on its changes.  Under the pool's lock where they write."""

from typing import Any

from pydantic import TypeAdapter
from sqlmodel import col, select

from miss.base.ids import PoolId, PractitionerId
from miss.storage import Transaction
from teleexpertise.availability import availability_to_json
from teleexpertise.dispatch.model import Terms
from teleexpertise.dispatch.pools.errors import ChangeUnknown
from teleexpertise.dispatch.pools.model import Change, Sheet
from teleexpertise.dispatch.pools.tables import PoolChangeRow
from teleexpertise.dispatch.store import forget_held
from teleexpertise.dispatch.tables import PoolMemberRow, PoolRow

_SHEET, _TERMS = TypeAdapter(Sheet), TypeAdapter(Terms)


async def save_sheet(tx: Transaction, pool_id: PoolId, sheet: Sheet) -> None:
    """Write the sheet over the pool's row; its policy is `policies.store`'s."""
    row = await tx.get_one(PoolRow, pool_id)
    row.name, row.coordinator_id = sheet.name, sheet.coordinator_id
    row.hours, row.zone = availability_to_json(sheet.hours), sheet.zone
    row.answer_within_s = round(sheet.answer_within.total_seconds())
    row.accept_within_s = round(sheet.accept_within.total_seconds())
    row.answer_time_s = round(sheet.answer_time.total_seconds())
    row.open_now_only = sheet.open_now_only
    tx.add(row)
    await tx.flush()
    forget_held(tx, pool_id)


async def find_terms(tx: Transaction, pool_id: PoolId, practitioner_id: PractitionerId) -> Terms | None:
    """The terms of one member; None: they never joined."""
    row = await tx.get(PoolMemberRow, (pool_id, practitioner_id), populate_existing=True)
    if row is None:
        return None
    return Terms(row.weight, frozenset(row.competences), row.cap, row.weekly_quota, row.active)


async def insert_change(tx: Transaction, change: Change) -> None:
    """Write who changed what."""
    tx.add(
        PoolChangeRow(
            id=change.id,
            pool_id=change.pool_id,
            member_id=change.member or "",
            by_id=change.by,
            at=change.at,
            before=None if change.before is None else _dump(change.before),
            after=_dump(change.after),
        )
    )
    await tx.flush()


async def get_change(tx: Transaction, pool_id: PoolId, change_id: str) -> Change:
    """Raises ChangeUnknown, for another pool's too."""
    row = await tx.get(PoolChangeRow, change_id)
    if row is None or row.pool_id != pool_id:
        raise ChangeUnknown
    return _change(row)


async def list_changes(tx: Transaction, pool_id: PoolId, limit: int) -> list[Change]:
    """The latest first."""
    query = (
        select(PoolChangeRow)
        .where(PoolChangeRow.pool_id == pool_id)
        .order_by(col(PoolChangeRow.id).desc())
        .limit(limit)
    )
    return [_change(row) for row in await tx.exec(query)]


def _dump(written: Sheet | Terms) -> dict[str, Any]:
    adapter: TypeAdapter[Any] = _SHEET if isinstance(written, Sheet) else _TERMS
    dumped: dict[str, Any] = adapter.dump_python(written, mode="json")
    return dumped


def _change(row: PoolChangeRow) -> Change:
    adapter: TypeAdapter[Any] = _TERMS if row.member_id else _SHEET
    return Change(
        id=row.id,
        pool_id=PoolId(row.pool_id),
        by=PractitionerId(row.by_id),
        at=row.at,
        before=None if row.before is None else adapter.validate_python(row.before),
        after=adapter.validate_python(row.after),
        member=PractitionerId(row.member_id) if row.member_id else None,
    )
