"""Queries on staff people."""

from collections.abc import Collection

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, or_, select

from miss.base.ids import AccountId, PractitionerId
from miss.directory.staff_people.model import Issuer, StaffPerson, compose_staff_id
from miss.directory.staff_people.tables import StaffPersonRow
from miss.storage import Transaction


async def get_many(tx: Transaction, ids: Collection[str]) -> dict[PractitionerId, StaffPerson]:
    """The people of `ids` (some hundreds at most); unknown ones are absent."""
    rows = await tx.exec(select(StaffPersonRow).where(col(StaffPersonRow.id).in_(ids)))
    return {person.id: person for person in map(_person, rows)}


async def find_by_email(tx: Transaction, email: str) -> StaffPerson | None:
    """Whose address for notices that is (normalised)."""
    rows = await tx.exec(select(StaffPersonRow).where(StaffPersonRow.email == email))
    return next(map(_person, rows), None)


async def list_by_name(tx: Transaction, words: Collection[str], limit: int) -> list[StaffPerson]:
    """Those whose family or given name begins with every one of `words`, by name: for technicians alone."""
    query = select(StaffPersonRow)
    for word in words:
        begins = f"{_escaped(word)}%"
        query = query.where(
            or_(
                col(StaffPersonRow.family).ilike(begins, escape="\\"),
                col(StaffPersonRow.given).ilike(begins, escape="\\"),
            )
        )
    rows = await tx.exec(query.order_by(col(StaffPersonRow.family), col(StaffPersonRow.id)).limit(limit))
    return [_person(row) for row in rows]


async def list_of(tx: Transaction, issuer: Issuer, limit: int) -> list[StaffPerson]:
    """Those whom `issuer` numbers, in that order."""
    query = select(StaffPersonRow).where(StaffPersonRow.issuer == issuer.code)
    return [_person(row) for row in await tx.exec(query.order_by(col(StaffPersonRow.rank)).limit(limit))]


async def next_id(tx: Transaction, issuer: Issuer) -> PractitionerId:
    """The identifier that nobody of `issuer` has yet."""
    last = await tx.exec(select(func.max(StaffPersonRow.rank)).where(StaffPersonRow.issuer == issuer.code))
    return compose_staff_id(issuer, (last.one() or 0) + 1)


async def insert(tx: Transaction, person: StaffPerson) -> bool:
    """False if the number or the address was taken meanwhile."""
    issuer, _, rank = person.id.partition("/")
    row = StaffPersonRow(
        id=person.id,
        issuer=issuer,
        rank=int(rank),
        family=person.family,
        given=person.given,
        function=person.function,
        employer=person.employer,
        email=person.email,
        invited_by=person.invited_by,
        since=person.since,
    )
    try:
        async with tx.begin_nested():
            tx.add(row)
            await tx.flush()
    except IntegrityError:
        return False
    return True


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _person(row: StaffPersonRow) -> StaffPerson:
    return StaffPerson(
        id=PractitionerId(row.id),
        family=row.family,
        given=row.given,
        function=row.function,
        employer=row.employer,
        email=row.email,
        invited_by=AccountId(row.invited_by),
        since=row.since,
    )
