"""Queries on absences."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, bindparam, delete, select
from sqlmodel import col

from miss.base.ids import AccountId, PractitionerId
from miss.directory.absence.model import Absence
from miss.directory.absence.tables import AccountAbsenceRow
from miss.storage import Transaction
from miss.storage.direct import HotStatement

_ABSENCE = AccountAbsenceRow.__table__  # type: ignore[attr-defined]
_NAMES = ("id", "uid", "practitioner_id", "first_day", "last_day", "message", "colleague_id")
_COLUMNS = tuple(_ABSENCE.c[name] for name in _NAMES)
_OF_MANY = HotStatement(
    f"SELECT {', '.join(_NAMES)} FROM account_absence"  # noqa: S608 - names from here
    " WHERE practitioner_id = ANY($1::varchar[]) AND last_day >= $2 ORDER BY first_day, id",
    select(*_COLUMNS)
    .where(
        _ABSENCE.c.practitioner_id.in_(bindparam("ids", expanding=True)),
        _ABSENCE.c.last_day >= bindparam("since", type_=Date),
    )
    .order_by(_ABSENCE.c.first_day, _ABSENCE.c.id),
    ("ids", "since"),
)


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
    query = select(*_COLUMNS).where(_ABSENCE.c.uid == uid, _ABSENCE.c.last_day >= today).order_by(_ABSENCE.c.first_day)
    return [_absence(row) for row in await (await tx.connection()).execute(query)]


async def list_of_many(tx: Transaction, ids: Collection[PractitionerId], since: date) -> list[Absence]:
    """The absences of these people (some hundreds at most) that end at `since` or later, in order."""
    return [_absence(row) for row in await _OF_MANY.fetch(tx, list(ids), since)]


def _absence(row: Sequence[Any]) -> Absence:
    id_, uid, practitioner_id, first_day, last_day, message, colleague_id = row
    return Absence(
        id=id_,
        uid=AccountId(uid),
        practitioner_id=PractitionerId(practitioner_id),
        first_day=first_day,
        last_day=last_day,
        message=message,
        colleague=PractitionerId(colleague_id) if colleague_id else None,
    )
