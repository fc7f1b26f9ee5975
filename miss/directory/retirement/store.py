"""Queries on people who leave."""

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import AccountId, PractitionerId
from miss.directory.retirement.model import Approval, Retirement, Stage, Successor
from miss.directory.retirement.tables import RetirementApprovalRow, RetirementRow
from miss.storage import Transaction

LIVING = tuple(stage.value for stage in Stage if not stage.is_over)


async def insert(tx: Transaction, retirement: Retirement) -> bool:
    """False if one is under way for that account."""
    to = retirement.successor
    try:
        async with tx.begin_nested():
            tx.add(
                RetirementRow(
                    id=retirement.id,
                    uid=retirement.uid,
                    practitioner_id=retirement.practitioner_id,
                    leaves_on=retirement.leaves_on,
                    successor_uid=to.uid if to else None,
                    successor_id=to.practitioner_id if to else "",
                    redirected_until=to.until if to else None,
                    reason=retirement.reason,
                    stage=retirement.stage.value,
                    stage_since=retirement.stage_since,
                    asked_by=retirement.asked_by,
                    asked_at=retirement.asked_at,
                )
            )
            await tx.flush()
    except IntegrityError:
        return False
    await add_approvals(tx, retirement, retirement.approvals)
    return True


async def add_approvals(tx: Transaction, retirement: Retirement, approvals: Iterable[Approval]) -> None:
    """Write approvals that are not written yet."""
    tx.add_all(RetirementApprovalRow(retirement_id=retirement.id, by=one.by, at=one.at) for one in approvals)
    await tx.flush()


async def save_stage(tx: Transaction, retirement: Retirement) -> None:
    """Write where it stands."""
    await tx.exec(
        update(RetirementRow)
        .where(col(RetirementRow.id) == retirement.id)
        .values(stage=retirement.stage.value, stage_since=retirement.stage_since)
    )


async def find_uid(tx: Transaction, retirement_id: str) -> AccountId | None:
    """Whose it is, which never changes."""
    found = (await tx.exec(select(RetirementRow.uid).where(RetirementRow.id == retirement_id))).one_or_none()
    return None if found is None else AccountId(found)


async def find(tx: Transaction, retirement_id: str) -> Retirement | None:
    """Whatever its stage."""
    rows = (await tx.exec(select(RetirementRow).where(RetirementRow.id == retirement_id))).all()
    return next(iter(await _read(tx, rows)), None)


async def list_of(tx: Transaction, uid: AccountId, limit: int) -> list[Retirement]:
    """Those of an account, newest first."""
    query = select(RetirementRow).where(RetirementRow.uid == uid).order_by(col(RetirementRow.id).desc()).limit(limit)
    return await _read(tx, (await tx.exec(query)).all())


async def list_living(tx: Transaction, limit: int) -> list[Retirement]:
    """Those that are not over, by day of leaving."""
    query = (
        select(RetirementRow)
        .where(col(RetirementRow.stage).in_(LIVING))
        .order_by(col(RetirementRow.leaves_on), col(RetirementRow.id))
        .limit(limit)
    )
    return await _read(tx, (await tx.exec(query)).all())


async def count_asked(tx: Transaction) -> int:
    """How many wait for technicians."""
    query = select(func.count()).select_from(RetirementRow).where(RetirementRow.stage == Stage.ASKED.value)
    return (await tx.exec(query)).one()


async def list_redirecting(tx: Transaction, practitioners: Collection[PractitionerId]) -> list[Retirement]:
    """Those of these people (some hundreds at most) that are REDIRECTING."""
    query = select(RetirementRow).where(
        col(RetirementRow.practitioner_id).in_(practitioners), RetirementRow.stage == Stage.REDIRECTING.value
    )
    return await _read(tx, (await tx.exec(query)).all())


async def _read(tx: Transaction, rows: Sequence[RetirementRow]) -> list[Retirement]:
    if not rows:
        return []
    approvals: dict[str, list[Approval]] = {row.id: [] for row in rows}
    found = await tx.exec(
        select(RetirementApprovalRow)
        .where(col(RetirementApprovalRow.retirement_id).in_(approvals))
        .order_by(col(RetirementApprovalRow.at), col(RetirementApprovalRow.by))
    )
    for one in found:
        approvals[one.retirement_id].append(Approval(AccountId(one.by), one.at))
    return [_retirement(row, approvals[row.id]) for row in rows]


def _retirement(row: RetirementRow, approvals: Sequence[Approval]) -> Retirement:
    to = None
    if row.successor_uid is not None and row.redirected_until is not None:
        to = Successor(AccountId(row.successor_uid), PractitionerId(row.successor_id), row.redirected_until)
    return Retirement(
        id=row.id,
        uid=AccountId(row.uid),
        practitioner_id=PractitionerId(row.practitioner_id),
        leaves_on=row.leaves_on,
        successor=to,
        reason=row.reason,
        stage=Stage(row.stage),
        stage_since=row.stage_since,
        asked_by=AccountId(row.asked_by),
        asked_at=row.asked_at,
        approvals=tuple(approvals),
    )
