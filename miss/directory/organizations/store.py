"""Queries on organisations: the places of practice that the register names."""

from collections.abc import Sequence

from sqlmodel import col, select

from miss.base.ids import OrganizationId
from miss.directory.practitioners.model import Organization
from miss.directory.register.tables import RoleRow, SiteRow
from miss.directory.search.towns import department_of
from miss.storage import Transaction


async def find(tx: Transaction, identifier: str) -> Organization | None:
    """The organisation of that identifier.  The register may write one in several ways: the first of its sites."""
    query = select(SiteRow).where(SiteRow.identifier == identifier).order_by(col(SiteRow.id)).limit(1)
    row = (await tx.exec(query)).one_or_none()
    return _organization(row) if row else None


async def list_in(tx: Transaction, communes: Sequence[str], limit: int) -> Sequence[Organization]:
    """Organisations where somebody practises in one of `communes` (INSEE codes), by name."""
    here = select(col(RoleRow.site)).where(col(RoleRow.place).in_(communes))
    rows = await tx.exec(
        select(SiteRow)
        .where(col(SiteRow.id).in_(here), SiteRow.identifier != "")
        .order_by(col(SiteRow.name), col(SiteRow.identifier), col(SiteRow.id))
        .limit(limit)
    )
    return [_organization(row) for row in rows]


def _organization(site: SiteRow) -> Organization:
    return Organization(
        id=OrganizationId(site.identifier),
        name=site.name,
        finess=site.finess or None,
        siret=site.siret or None,
        address=site.address,
        postcode=site.postcode,
        town=site.town,
        department=department_of(site.place),
        phone=site.phone,
        fax=site.fax,
        email=site.email,
    )
