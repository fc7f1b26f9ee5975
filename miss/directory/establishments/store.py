"""Queries on establishments: their record, contacts, sites and departments; and for which of them somebody works."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, or_, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.establishments.model import Contact, ContactFunction, Establishment, EstablishmentKind
from miss.directory.establishments.staff import Unit, UnitKind, Units
from miss.directory.establishments.tables import (
    EstablishmentContactRow,
    EstablishmentRow,
    EstablishmentUnitRow,
    StaffApplicationRow,
    StaffMemberRow,
)
from miss.directory.search.words import fold, fold_words
from miss.documents.identities import ADELI_PREFIX, RPPS_PREFIX
from miss.storage import Transaction

WORDS_LENGTH = 200


async def insert_establishment(tx: Transaction, establishment: Establishment, now: datetime) -> bool:
    """False if there is one under that identifier."""
    try:
        async with tx.begin_nested():
            tx.add(
                EstablishmentRow(
                    id=establishment.id,
                    name=establishment.name,
                    name_words=fold(establishment.name)[:WORDS_LENGTH],
                    kind=establishment.kind.value,
                    finess=establishment.finess,
                    town=establishment.town,
                    opened_at=now,
                )
            )
            await tx.flush()
    except IntegrityError:
        return False
    return True


async def find_establishment(
    tx: Transaction, establishment_id: OrganizationId, *, held: bool = False
) -> Establishment | None:
    """`held`: nobody else changes the record or the list of staff until the transaction ends."""
    query = select(EstablishmentRow).where(EstablishmentRow.id == establishment_id)
    row = (await tx.exec(query.with_for_update() if held else query)).one_or_none()
    if row is None:
        return None
    contacts = await _contacts(tx, [row.id])
    return _establishment(row, contacts.get(row.id, ()))


async def get_many(tx: Transaction, ids: Collection[OrganizationId]) -> list[Establishment]:
    """Those of `ids` (some hundreds at most) that have a record, without their contacts."""
    rows = await tx.exec(select(EstablishmentRow).where(col(EstablishmentRow.id).in_(ids)))
    return [_establishment(row, ()) for row in rows]


async def find_application(tx: Transaction, establishment_id: OrganizationId) -> str:
    """The upload that is being applied to the list; empty: none is."""
    query = select(StaffApplicationRow.id).where(StaffApplicationRow.establishment_id == establishment_id)
    return (await tx.exec(query)).one_or_none() or ""


async def update_record(tx: Transaction, establishment: Establishment) -> None:
    """Write name, kind, FINESS number and town."""
    await tx.exec(
        update(EstablishmentRow)
        .where(col(EstablishmentRow.id) == establishment.id)
        .values(
            name=establishment.name,
            name_words=fold(establishment.name)[:WORDS_LENGTH],
            kind=establishment.kind.value,
            finess=establishment.finess,
            town=establishment.town,
        )
    )


async def put_contacts(tx: Transaction, establishment_id: OrganizationId, contacts: Sequence[Contact]) -> None:
    """These instead of those there were."""
    await tx.exec(
        delete(EstablishmentContactRow).where(col(EstablishmentContactRow.establishment_id) == establishment_id)
    )
    tx.add_all(
        EstablishmentContactRow(
            establishment_id=establishment_id,
            function=contact.function.value,
            name=contact.name,
            email=contact.email,
            phone=contact.phone,
        )
        for contact in contacts
    )
    await tx.flush()


async def mark_nagged(tx: Transaction, establishment_id: OrganizationId, now: datetime) -> None:
    """Remember the reminder."""
    await tx.exec(update(EstablishmentRow).where(col(EstablishmentRow.id) == establishment_id).values(nagged_at=now))


async def bump_revision(tx: Transaction, establishment: Establishment) -> None:
    """Say that the list of staff is another one.  The establishment is held."""
    await tx.exec(
        update(EstablishmentRow)
        .where(col(EstablishmentRow.id) == establishment.id)
        .values(staff_revision=establishment.staff_revision + 1)
    )


async def list_establishments(
    tx: Transaction, text: str, offset: int, limit: int
) -> tuple[Sequence[tuple[Establishment, int]], int]:
    """Establishments whose name holds the words of `text`, by name, each with its number of staff; and how many."""
    query = select(EstablishmentRow)
    for word in fold_words(text)[:8]:
        query = query.where(col(EstablishmentRow.name_words).contains(word, autoescape=True))
    total = (await tx.exec(select(func.count()).select_from(query.subquery()))).one()
    order = (col(EstablishmentRow.name_words), col(EstablishmentRow.id))
    rows = (await tx.exec(query.order_by(*order).offset(offset).limit(limit))).all()
    ids = [row.id for row in rows]
    counted = await tx.exec(
        select(StaffMemberRow.establishment_id, func.count())
        .where(col(StaffMemberRow.establishment_id).in_(ids))
        .group_by(StaffMemberRow.establishment_id)
    )
    staff: dict[str, int] = dict(counted.all())
    contacts = await _contacts(tx, ids)
    return [(_establishment(row, contacts.get(row.id, ())), staff.get(row.id, 0)) for row in rows], total


async def list_ids(tx: Transaction) -> Sequence[OrganizationId]:
    """Every establishment with a record: some thousands."""
    return [OrganizationId(one) for one in await tx.exec(select(EstablishmentRow.id).order_by(EstablishmentRow.id))]


async def list_units(tx: Transaction, establishment_id: OrganizationId) -> Units:
    """Every site and department."""
    rows = await tx.exec(
        select(EstablishmentUnitRow)
        .where(EstablishmentUnitRow.establishment_id == establishment_id)
        .order_by(col(EstablishmentUnitRow.id))
    )
    return Units([_unit(row) for row in rows])


async def insert_units(tx: Transaction, establishment_id: OrganizationId, units: Sequence[Unit]) -> bool:
    """False, and none was added, if the name of one is taken there."""
    rows = [
        {
            "id": unit.id,
            "establishment_id": establishment_id,
            "kind": unit.kind.value,
            "name": unit.name,
            "name_words": fold(unit.name)[:WORDS_LENGTH],
            "parent_id": unit.parent_id,
            "external_id": unit.external_id,
        }
        for unit in units
    ]
    if not rows:
        return True
    try:
        async with tx.begin_nested():
            await (await tx.connection()).execute(insert(EstablishmentUnitRow), rows)
    except IntegrityError:
        return False
    return True


async def update_unit(tx: Transaction, unit: Unit) -> bool:
    """Write name and external identifier; False if that name is taken there."""
    change = (
        update(EstablishmentUnitRow)
        .where(col(EstablishmentUnitRow.id) == unit.id)
        .values(name=unit.name, name_words=fold(unit.name)[:WORDS_LENGTH], external_id=unit.external_id)
    )
    try:
        async with tx.begin_nested():
            await tx.exec(change)
    except IntegrityError:
        return False
    return True


async def delete_unit(tx: Transaction, unit_id: str) -> None:
    """Take a site or department out; nobody works there any more."""
    await tx.exec(delete(EstablishmentUnitRow).where(col(EstablishmentUnitRow.id) == unit_id))


async def _contacts(tx: Transaction, ids: Sequence[str]) -> dict[str, list[Contact]]:
    found: dict[str, list[Contact]] = {}
    rows = await tx.exec(select(EstablishmentContactRow).where(col(EstablishmentContactRow.establishment_id).in_(ids)))
    for row in rows:
        contact = Contact(ContactFunction(row.function), row.name, row.email, row.phone)
        found.setdefault(row.establishment_id, []).append(contact)
    return found


def _establishment(row: EstablishmentRow, contacts: Sequence[Contact]) -> Establishment:
    order = list(ContactFunction)
    values: dict[str, Any] = {name: getattr(row, name) for name in ("name", "finess", "town", "staff_revision")}
    return Establishment(
        id=OrganizationId(row.id),
        kind=EstablishmentKind(row.kind),
        contacts=tuple(sorted(contacts, key=lambda contact: order.index(contact.function))),
        nagged_at=row.nagged_at,
        **values,
    )


def _unit(row: EstablishmentUnitRow) -> Unit:
    return Unit(row.id, UnitKind(row.kind), row.name, row.parent_id, row.external_id)


async def list_employers(tx: Transaction, person: PractitionerId, today: date) -> list[OrganizationId]:
    """On whose lists of staff somebody stands today, the one that listed them first at the head."""
    for prefix, column in ((RPPS_PREFIX, StaffMemberRow.rpps), (ADELI_PREFIX, StaffMemberRow.adeli)):
        if not person.startswith(prefix):
            continue
        starts_on, ends_on = col(StaffMemberRow.starts_on), col(StaffMemberRow.ends_on)
        # That it is not empty is what the partial index is about: SQLite wants to be told.
        query = (
            select(StaffMemberRow.establishment_id)
            .where(col(column) == person.removeprefix(prefix), col(column) != "")
            .where(or_(starts_on.is_(None), starts_on <= today), or_(ends_on.is_(None), ends_on >= today))
            .order_by(col(StaffMemberRow.id))
        )
        return [OrganizationId(found) for found in await tx.exec(query)]
    return []


async def list_by_finess(tx: Transaction, finess: str) -> list[OrganizationId]:
    """The records of establishments with that number."""
    query = select(EstablishmentRow.id).where(EstablishmentRow.finess == finess).order_by(col(EstablishmentRow.id))
    return [OrganizationId(found) for found in await tx.exec(query)]
