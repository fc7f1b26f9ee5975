"""Queries on who is the platform's own: people with an active account, and the staff that establishments publish."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from miss.base.ids import PractitionerId
from miss.directory.accounts.model import Verification
from miss.directory.accounts.tables import AccountRow
from miss.directory.addresses.tables import AddressRow
from miss.directory.establishments.tables import EstablishmentRow, EstablishmentUnitRow, StaffMemberRow
from miss.storage import Transaction

_IS_ACTIVE = col(AccountRow.verification) == Verification.VERIFIED.value


@dataclass(frozen=True, slots=True)
class Published:
    """A member of staff whom the directory may show today."""

    id: str
    family: str
    given: str
    function: str
    profession_code: str
    rpps: str
    adeli: str
    mailbox: str
    phone: str
    unit: str
    """Site or department; empty: none is named."""
    establishment: str
    finess: str
    town: str


async def list_active(tx: Transaction, after: str, limit: int) -> Sequence[PractitionerId]:
    """People with an active account whose identifier sorts behind `after`, in order."""
    rows = await tx.exec(
        select(AccountRow.practitioner_id)
        .where(_IS_ACTIVE, col(AccountRow.practitioner_id) > after)
        .order_by(col(AccountRow.practitioner_id))
        .limit(limit)
    )
    return [PractitionerId(one) for one in rows]


async def active_among(tx: Transaction, ids: Collection[str]) -> frozenset[PractitionerId]:
    """Those of `ids` (some hundreds at most) who have an active account."""
    rows = await tx.exec(select(AccountRow.practitioner_id).where(_IS_ACTIVE, col(AccountRow.practitioner_id).in_(ids)))
    return frozenset(PractitionerId(one) for one in rows)


async def given_addresses(tx: Transaction, ids: Collection[str]) -> dict[PractitionerId, str]:
    """The address that the platform gave to each of `ids` (some hundreds at most); who has none is absent."""
    query = select(AddressRow.practitioner_id, AddressRow.address).where(
        col(AddressRow.practitioner_id).in_(ids), col(AddressRow.replaced_at).is_(None)
    )
    return {PractitionerId(practitioner_id): address for practitioner_id, address in await tx.exec(query)}


async def list_staff(tx: Transaction, after: str, today: date, limit: int) -> Sequence[Published]:
    """Published staff whose row sorts behind `after`, in order."""
    query = _staff(today).where(col(StaffMemberRow.id) > after).order_by(col(StaffMemberRow.id)).limit(limit)
    return [_published(*row) for row in await tx.exec(query)]


async def staff_among(tx: Transaction, ids: Collection[str], today: date) -> Sequence[Published]:
    """Those of the rows `ids` (some hundreds at most) that are published today."""
    return [_published(*row) for row in await tx.exec(_staff(today).where(col(StaffMemberRow.id).in_(ids)))]


def _staff(today: date) -> Select[StaffMemberRow, EstablishmentRow, EstablishmentUnitRow]:
    starts_on, ends_on = col(StaffMemberRow.starts_on), col(StaffMemberRow.ends_on)
    return (
        select(StaffMemberRow, EstablishmentRow, EstablishmentUnitRow)
        .join(EstablishmentRow, col(EstablishmentRow.id) == col(StaffMemberRow.establishment_id))
        .join(EstablishmentUnitRow, col(EstablishmentUnitRow.id) == col(StaffMemberRow.unit_id), isouter=True)
        .where(
            col(StaffMemberRow.is_published),
            or_(starts_on.is_(None), starts_on <= today),
            or_(ends_on.is_(None), ends_on >= today),
        )
    )


def _published(member: StaffMemberRow, establishment: EstablishmentRow, unit: EstablishmentUnitRow | None) -> Published:
    return Published(
        id=member.id,
        family=member.family,
        given=member.given,
        function=member.function,
        profession_code=member.profession_code,
        rpps=member.rpps,
        adeli=member.adeli,
        mailbox=member.mailbox,
        phone=member.phone,
        unit=unit.name if unit else "",
        establishment=establishment.name,
        finess=establishment.finess,
        town=establishment.town,
    )
