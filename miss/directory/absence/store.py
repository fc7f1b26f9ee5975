"""Queries on absences."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete
from sqlmodel import col, select

from miss.base.ids import AccountId, PractitionerId
from miss.directory.absence.model import Absence
from miss.directory.absence.tables import AccountAbsenceRow
from miss.storage import Transaction


async def insert(tx: Transaction, absence: Absence) -> None:
    """Keep one."""
    tx.add(
        AccountAbsenceRow(
            id=absence.id,
            uid=absence.uid,
            practitioner_id=absence.practitioner_id,
            first_day=absence.first_day,
            last_day=absence.last_day,
            message=absence.message,
            colleague_id=absence.colleague or "",
        )
    )
    await tx.flush()


async def delete_absence(tx: Transaction, uid: AccountId, absence_id: str) -> bool:
    """False if it is not one of that person's."""
    row = AccountAbsenceRow
    return (await tx.exec(delete(row).where(col(row.id) == absence_id, col(row.uid) == uid))).rowcount == 1


async def delete_over(tx: Transaction, uid: AccountId, today: date) -> None:
    """Forget that person's absences that are over."""
    row = AccountAbsenceRow
    await tx.exec(delete(row).where(col(row.uid) == uid, col(row.last_day) < today))


async def list_of(tx: Transaction, uid: AccountId, today: date) -> list[Absence]:
    """That person's absences that are not over, in order."""
    row = AccountAbsenceRow
    query = select(row).where(row.uid == uid, col(row.last_day) >= today).order_by(col(row.first_day))
    return [_absence(one) for one in await tx.exec(query)]


async def list_of_many(tx: Transaction, ids: Collection[PractitionerId], since: date) -> list[Absence]:
    """The absences of these people (some hundreds at most) that end at `since` or later, in order."""
    row = AccountAbsenceRow
    query = (
        select(row)
        .where(col(row.practitioner_id).in_(ids), col(row.last_day) >= since)
        .order_by(col(row.first_day), col(row.id))
    )
    return [_absence(one) for one in await tx.exec(query)]


def _absence(row: AccountAbsenceRow) -> Absence:
    return Absence(
        id=row.id,
        uid=AccountId(row.uid),
        practitioner_id=PractitionerId(row.practitioner_id),
        first_day=row.first_day,
        last_day=row.last_day,
        message=row.message,
        colleague=PractitionerId(row.colleague_id) if row.colleague_id else None,
    )
