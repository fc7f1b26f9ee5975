"""Queries on what establishments show themselves with."""

from datetime import datetime
from hashlib import sha256

from sqlmodel import col, select

from miss.base.ids import OrganizationId
from miss.directory.establishments.branding.model import Branding
from miss.directory.establishments.branding.tables import BrandingRow
from miss.directory.establishments.tables import EstablishmentRow
from miss.documents.pdf import Look
from miss.storage import Transaction


async def find(tx: Transaction, establishment_id: OrganizationId) -> Branding | None:
    """Without the logo itself."""
    row = BrandingRow
    query = select(row.colour, row.sender, row.logo_digest).where(col(row.establishment_id) == establishment_id)
    found = (await tx.exec(query)).first()
    if found is None:
        return None
    colour, sender, digest = found
    return Branding(establishment_id=establishment_id, colour=colour, sender=sender, logo_digest=digest)


async def find_look(tx: Transaction, establishment_id: OrganizationId) -> Look | None:
    """Of an establishment that chose something."""
    row = BrandingRow
    query = (
        select(EstablishmentRow.name, row.sender, row.logo, row.colour)
        .join(EstablishmentRow, col(EstablishmentRow.id) == row.establishment_id)
        .where(col(row.establishment_id) == establishment_id)
    )
    found = (await tx.exec(query)).first()
    if found is None:
        return None
    name, sender, logo, colour = found
    return Look(sender or name, logo, colour)


async def find_logo(tx: Transaction, establishment_id: OrganizationId) -> bytes:
    """JPEG; empty: none."""
    query = select(BrandingRow.logo).where(BrandingRow.establishment_id == establishment_id)
    return (await tx.exec(query)).first() or b""


async def put(tx: Transaction, branding: Branding, logo: bytes | None, now: datetime) -> None:
    """`logo`: None leaves the one there is, empty takes it away."""
    row = await tx.get(BrandingRow, branding.establishment_id)
    if row is None:
        row = BrandingRow(establishment_id=branding.establishment_id, colour=branding.colour, changed_at=now)
    row.colour, row.sender, row.changed_at = branding.colour, branding.sender, now
    if logo is not None:
        row.logo, row.logo_digest = logo, sha256(logo).hexdigest() if logo else ""
    tx.add(row)
    await tx.flush()
