"""Queries on the people of an establishment's list, their history, and files that wait to be confirmed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.establishments.staff import (
    DeclaredPlace,
    StaffAct,
    StaffEvent,
    StaffFacts,
    StaffMember,
    StaffPage,
    StaffQuery,
    Units,
)
from miss.directory.establishments.tables import (
    EstablishmentRow,
    EstablishmentUnitRow,
    StaffEventRow,
    StaffMemberRow,
)
from miss.directory.search.words import fold, fold_words
from miss.documents.identities import ADELI_PREFIX, RPPS_PREFIX
from miss.storage import Transaction

WORDS_LENGTH = 500
_FACTS = (
    *("family", "given", "function", "profession_code", "rpps", "adeli", "mailbox", "phone"),
    *("is_published", "external_id", "starts_on", "ends_on"),
)
"""Facts that have a column of their own."""


async def list_page(tx: Transaction, establishment_id: OrganizationId, units: Units, query: StaffQuery) -> StaffPage:
    """Those of the list whom `query` means, by name."""
    chosen = select(StaffMemberRow).where(StaffMemberRow.establishment_id == establishment_id)
    for word in fold_words(query.text)[:8]:
        chosen = chosen.where(col(StaffMemberRow.name_words).contains(word, autoescape=True))
    if query.unit_id:
        inside = [query.unit_id, *(unit.id for unit in units.departments(query.unit_id))]
        chosen = chosen.where(col(StaffMemberRow.unit_id).in_(inside))
    total = (await tx.exec(select(func.count()).select_from(chosen.subquery()))).one()
    order = (col(StaffMemberRow.name_words), col(StaffMemberRow.id))
    rows = await tx.exec(chosen.order_by(*order).offset(max(query.offset, 0)).limit(query.limit))
    return StaffPage([_member(row, units) for row in rows], total)


async def list_all(tx: Transaction, establishment_id: OrganizationId, units: Units) -> list[StaffMember]:
    """The whole list (at most `MAX_STAFF`), in the order in which people came."""
    rows = await tx.exec(
        select(StaffMemberRow)
        .where(StaffMemberRow.establishment_id == establishment_id)
        .order_by(col(StaffMemberRow.id))
    )
    return [_member(row, units) for row in rows]


async def list_places(tx: Transaction, establishment_id: OrganizationId) -> dict[str, str]:
    """In which unit each person of the list works, by identifiers; in none: empty.  Fast for the longest list."""
    table = StaffMemberRow.__table__  # type: ignore[attr-defined]
    query = select(table.c.id, table.c.unit_id).where(table.c.establishment_id == establishment_id)
    return {row[0]: row[1] for row in await (await tx.connection()).execute(query)}


async def list_members(
    tx: Transaction, establishment_id: OrganizationId, units: Units, ids: Collection[str]
) -> list[StaffMember]:
    """Those of `ids` (some hundreds at most) who are on the list."""
    rows = await tx.exec(
        select(StaffMemberRow).where(
            StaffMemberRow.establishment_id == establishment_id, col(StaffMemberRow.id).in_(ids)
        )
    )
    return [_member(row, units) for row in rows]


async def find_member(
    tx: Transaction, establishment_id: OrganizationId, units: Units, member_id: str
) -> StaffMember | None:
    """Somebody of this establishment's list."""
    query = select(StaffMemberRow).where(
        StaffMemberRow.id == member_id, StaffMemberRow.establishment_id == establishment_id
    )
    row = (await tx.exec(query)).one_or_none()
    return _member(row, units) if row else None


async def find_by(
    tx: Transaction, establishment_id: OrganizationId, units: Units, column: str, value: str
) -> StaffMember | None:
    """Who has that `rpps`, `adeli`, `external_id` or `login`."""
    query = select(StaffMemberRow).where(
        StaffMemberRow.establishment_id == establishment_id, getattr(StaffMemberRow, column) == value
    )
    row = (await tx.exec(query)).one_or_none()
    return _member(row, units) if row else None


async def count(tx: Transaction, establishment_id: OrganizationId, unit_id: str = "") -> int:
    """How many people are on the list, or work in one unit of it."""
    query = select(func.count()).where(col(StaffMemberRow.establishment_id) == establishment_id)
    if unit_id:
        query = query.where(col(StaffMemberRow.unit_id) == unit_id)
    return (await tx.exec(query)).one()


async def insert_members(tx: Transaction, members: Sequence[StaffMember]) -> bool:
    """False, and nothing was added, if one of them has a number or a login of somebody on the list."""
    if not members:
        return True
    rows = [
        {"id": member.id, "establishment_id": member.establishment_id, "created_at": member.created_at}
        | _columns(member)
        for member in members
    ]
    try:
        async with tx.begin_nested():
            await (await tx.connection()).execute(insert(StaffMemberRow.__table__), rows)  # type: ignore[attr-defined]
    except IntegrityError:
        return False
    return True


async def update_members(tx: Transaction, members: Sequence[StaffMember]) -> bool:
    """False, and nothing was changed, if somebody else on the list has a number or the login of one of them."""
    if not members:
        return True
    rows = [{"member_id": member.id} | _columns(member) for member in members]
    # On the table itself, a row of parameters each: the ORM would take ten times as long, with the list held.
    table = StaffMemberRow.__table__  # type: ignore[attr-defined]
    values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "member_id"}
    change = update(table).where(table.c.id == bindparam("member_id")).values(values)
    try:
        async with tx.begin_nested():
            await (await tx.connection()).execute(change, rows)
    except IntegrityError:
        return False
    return True


async def delete_members(tx: Transaction, ids: Sequence[str]) -> None:
    """Take people off the list; their history stays."""
    for some in _slices(ids):
        await tx.exec(delete(StaffMemberRow).where(col(StaffMemberRow.id).in_(some)))


async def insert_events(tx: Transaction, events: Sequence[Mapping[str, Any]]) -> None:
    """Keep what happened: rows of `establishment_staff_event`."""
    if events:
        await (await tx.connection()).execute(insert(StaffEventRow.__table__), events)  # type: ignore[attr-defined]


async def list_events(
    tx: Transaction, establishment_id: OrganizationId, member_id: str, limit: int
) -> Sequence[StaffEvent]:
    """What happened to somebody's place, newest first."""
    rows = await tx.exec(
        select(StaffEventRow)
        .where(StaffEventRow.establishment_id == establishment_id, StaffEventRow.member_id == member_id)
        .order_by(col(StaffEventRow.id).desc())
        .limit(limit)
    )
    return [StaffEvent(row.at, row.actor, StaffAct(row.act), row.detail) for row in rows]


async def list_declared(
    tx: Transaction, ids: Collection[PractitionerId], today: date
) -> list[tuple[PractitionerId, DeclaredPlace]]:
    """The places published today, on whatever list, of whom the register knows as one of `ids`; oldest first."""
    site = aliased(EstablishmentUnitRow)
    starts_on, ends_on = col(StaffMemberRow.starts_on), col(StaffMemberRow.ends_on)
    published = (
        select(StaffMemberRow, EstablishmentRow, EstablishmentUnitRow.name, site.name)
        .join(EstablishmentRow, col(EstablishmentRow.id) == col(StaffMemberRow.establishment_id))
        .join(EstablishmentUnitRow, col(EstablishmentUnitRow.id) == col(StaffMemberRow.unit_id), isouter=True)
        .join(site, col(site.id) == col(EstablishmentUnitRow.parent_id), isouter=True)
        .where(
            col(StaffMemberRow.is_published),
            or_(starts_on.is_(None), starts_on <= today),
            or_(ends_on.is_(None), ends_on >= today),
        )
        .order_by(col(StaffMemberRow.id))
    )
    found = []
    for prefix, column in ((RPPS_PREFIX, StaffMemberRow.rpps), (ADELI_PREFIX, StaffMemberRow.adeli)):
        numbers = [one[1:] for one in ids if one.startswith(prefix)]
        # That it is not empty is what the partial index is about: SQLite wants to be told.
        for member, establishment, unit, site_name in await tx.exec(
            published.where(col(column).in_(numbers), col(column) != "")
        ):
            place = ", ".join(name for name in (site_name, unit) if name)
            number = member.rpps if prefix == RPPS_PREFIX else member.adeli
            declared = DeclaredPlace(establishment.name, establishment.town, place, member.function, member.phone)
            found.append((PractitionerId(prefix + number), declared))
    return found


def _slices(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + 500] for start in range(0, len(ids), 500)]


def _columns(member: StaffMember) -> dict[str, Any]:
    facts = member.facts
    words = fold(f"{facts.family} {facts.given} {facts.function}")[:WORDS_LENGTH]
    return {name: getattr(facts, name) for name in _FACTS} | {
        "unit_id": member.unit_id,
        "name_words": words,
        "user_name": member.user_name,
        "login": login_of(member),
        "updated_at": member.updated_at,
        "version": member.version,
    }


def login_of(member: StaffMember) -> str:
    """The user name as it is compared; somebody without one has their identifier."""
    return member.user_name.lower()[:256] or member.id


def _member(row: StaffMemberRow, units: Units) -> StaffMember:
    site, department = units.names(row.unit_id)
    values: dict[str, Any] = {name: getattr(row, name) for name in _FACTS}
    return StaffMember(
        id=row.id,
        establishment_id=OrganizationId(row.establishment_id),
        facts=StaffFacts(site=site, department=department, **values),
        unit_id=row.unit_id,
        user_name=row.user_name,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )
