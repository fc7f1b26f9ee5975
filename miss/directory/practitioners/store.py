"""The directory's queries: reading returns practitioners, writing takes batches of what the extractions say."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, delete, insert, or_
from sqlmodel import col, select

from miss.base.ids import OrganizationId, PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.practitioners.extraction import Findings, Reason
from miss.directory.practitioners.mailboxes import MailboxEntry
from miss.directory.practitioners.model import Coding, Organization, Practitioner, PractitionerRole
from miss.directory.practitioners.register import RegisterEntry, RegisterOrganization
from miss.directory.practitioners.search import fold_words, question_words
from miss.directory.practitioners.tables import MailboxRow, OrganizationRow, PractitionerRoleRow, PractitionerRow
from miss.storage import Transaction


async def get_many(tx: Transaction, ids: Collection[PractitionerId]) -> dict[PractitionerId, Practitioner]:
    """The practitioners of `ids` (some hundreds at most); unknown ones are absent."""
    rows = await tx.exec(select(PractitionerRow).where(col(PractitionerRow.id).in_(ids)))
    return {practitioner.id: practitioner for practitioner in await _load(tx, rows.all())}


async def find_by_rpps(tx: Transaction, rpps: str) -> Practitioner | None:
    """The practitioner with that RPPS number."""
    rows = await tx.exec(select(PractitionerRow).where(PractitionerRow.rpps == rpps))
    return next(iter(await _load(tx, rows.all())), None)


async def find_id_by_rpps(tx: Transaction, rpps: str) -> PractitionerId | None:
    """The row of the practitioner with that RPPS number."""
    found = (await tx.exec(select(PractitionerRow.id).where(PractitionerRow.rpps == rpps))).one_or_none()
    return PractitionerId(found) if found is not None else None


async def find_by_mailbox(tx: Transaction, address: str) -> Practitioner | None:
    """The practitioner whose mailbox is `address` (normalised)."""
    rows = await tx.exec(
        select(PractitionerRow)
        .join(MailboxRow, col(MailboxRow.practitioner_id) == col(PractitionerRow.id))
        .where(MailboxRow.address == address)
    )
    return next(iter(await _load(tx, rows.all())), None)


async def search(tx: Transaction, text: str, specialty: str | None, limit: int) -> list[Practitioner]:
    """Those whose key holds a word beginning with each word of `text`; family-name matches first, then by name."""
    words = question_words(text)
    query = select(PractitionerRow).where(*(col(PractitionerRow.search_key).like(f"% {word}%") for word in words))
    if specialty is not None:
        query = query.where(
            col(PractitionerRow.id).in_(
                select(PractitionerRoleRow.practitioner_id).where(PractitionerRoleRow.specialty_code == specialty)
            )
        )
    if words:
        by_family = or_(*(col(PractitionerRow.family_key).like(f"{word}%") for word in words))
        query = query.order_by(case((by_family, 0), else_=1))
    query = query.order_by(col(PractitionerRow.family_key), col(PractitionerRow.given), col(PractitionerRow.id))
    return await _load(tx, (await tx.exec(query.limit(limit))).all())


async def _load(tx: Transaction, rows: Sequence[PractitionerRow]) -> list[Practitioner]:
    """The practitioners of `rows`, in their order, with roles, organisations and mailboxes: two more queries."""
    ids = [row.id for row in rows]
    if not ids:
        return []
    roles: dict[str, list[PractitionerRole]] = {row_id: [] for row_id in ids}
    found_roles = await tx.exec(
        select(PractitionerRoleRow, OrganizationRow)
        .join(OrganizationRow, col(OrganizationRow.id) == col(PractitionerRoleRow.organization_id), isouter=True)
        .where(col(PractitionerRoleRow.practitioner_id).in_(ids))
        .order_by(col(PractitionerRoleRow.practitioner_id), col(PractitionerRoleRow.rank))
    )
    for role, organization in found_roles:
        roles[role.practitioner_id].append(_role(role, organization))
    mailboxes: dict[str, list[str]] = {row_id: [] for row_id in ids}
    found_mailboxes = await tx.exec(
        select(MailboxRow).where(col(MailboxRow.practitioner_id).in_(ids)).order_by(col(MailboxRow.address))
    )
    for mailbox in found_mailboxes:
        mailboxes[mailbox.practitioner_id].append(mailbox.address)
    return [_practitioner(row, roles[row.id], mailboxes[row.id]) for row in rows]


def _practitioner(row: PractitionerRow, roles: list[PractitionerRole], mailboxes: list[str]) -> Practitioner:
    return Practitioner(
        id=PractitionerId(row.id),
        national_id=row.national_id,
        rpps=row.rpps,
        family=row.family,
        given=row.given,
        civility=row.civility,
        profession=Coding(row.profession_code, row.profession),
        roles=tuple(roles),
        mailboxes=tuple(mailboxes),
    )


def _role(row: PractitionerRoleRow, organization: OrganizationRow | None) -> PractitionerRole:
    return PractitionerRole(
        specialty=Coding(row.specialty_code, row.specialty) if row.specialty_code else None,
        organization=Organization(
            OrganizationId(organization.id), organization.identifier, organization.finess, organization.name
        )
        if organization
        else None,
        town=row.town,
        postcode=row.postcode,
        phone=row.phone,
    )


@dataclass(slots=True)
class Tally:
    """How many entries were new, changed, or already there."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


async def write_entries(
    tx: Transaction, entries: Sequence[RegisterEntry], tally: Tally, now: datetime, random_bytes: RandomBytes
) -> None:
    """Write a batch (some hundreds); each person appears in it once."""
    known = {
        row.national_id: row
        for row in await tx.exec(
            select(PractitionerRow).where(
                col(PractitionerRow.national_id).in_([entry.national_id for entry in entries])
            )
        )
    }
    differing = [
        entry for entry in entries if (row := known.get(entry.national_id)) is None or row.digest != entry.digest
    ]
    tally.unchanged += len(entries) - len(differing)
    if not differing:
        return
    organizations = await _write_organizations(tx, differing, now, random_bytes)
    written: list[tuple[str, RegisterEntry]] = []
    for entry in differing:
        row = known.get(entry.national_id)
        if row is None:
            row = PractitionerRow(
                id=new_row_id(now, random_bytes),
                national_id=entry.national_id,
                family=entry.family,
                profession_code=entry.profession.code,
                updated_at=now,
            )
            tally.new += 1
        else:
            tally.changed += 1
        _copy(entry, row, now)
        tx.add(row)
        written.append((row.id, entry))
    await tx.flush()
    await _write_roles(tx, written, organizations)


async def write_mailboxes(
    tx: Transaction, entries: Sequence[MailboxEntry], tally: Tally, findings: Findings, now: datetime
) -> None:
    """Write a batch (some hundreds); each address appears in it once.  Owners must be in the directory."""
    people = await tx.exec(
        select(PractitionerRow.national_id, PractitionerRow.id).where(
            col(PractitionerRow.national_id).in_({entry.national_id for entry in entries})
        )
    )
    ids = dict(people.all())
    known = {
        row.address: row
        for row in await tx.exec(
            select(MailboxRow).where(col(MailboxRow.address).in_([entry.address for entry in entries]))
        )
    }
    for entry in entries:
        owner = ids.get(entry.national_id)
        row = known.get(entry.address)
        if owner is None:
            findings.rejected.add(entry.line, Reason.PRACTITIONER_UNKNOWN)
        elif row is None:
            tx.add(MailboxRow(address=entry.address, practitioner_id=owner, updated_at=now))
            tally.new += 1
        elif row.practitioner_id != owner:
            row.practitioner_id, row.updated_at = owner, now
            tx.add(row)
            tally.changed += 1
        else:
            tally.unchanged += 1
    await tx.flush()


def _copy(entry: RegisterEntry, row: PractitionerRow, now: datetime) -> None:
    row.rpps = entry.rpps
    row.family, row.given, row.civility = entry.family, entry.given, entry.civility
    row.profession_code, row.profession = entry.profession.code, entry.profession.display
    row.family_key = " ".join(fold_words(entry.family))
    row.search_key, row.digest, row.updated_at = entry.search_key, entry.digest, now


async def _write_roles(
    tx: Transaction, written: Sequence[tuple[str, RegisterEntry]], organizations: dict[str, str]
) -> None:
    """Replace the roles of those who were written."""
    await tx.exec(
        delete(PractitionerRoleRow).where(
            col(PractitionerRoleRow.practitioner_id).in_([row_id for row_id, _ in written])
        )
    )
    rows = [
        {
            "practitioner_id": row_id,
            "rank": rank,
            "specialty_code": role.specialty.code if role.specialty else "",
            "specialty": role.specialty.display if role.specialty else "",
            "organization_id": organizations[role.organization.identifier] if role.organization else None,
            "town": role.town,
            "postcode": role.postcode,
            "phone": role.phone,
        }
        for row_id, entry in written
        for rank, role in enumerate(entry.roles)
    ]
    if rows:
        await tx.exec(insert(PractitionerRoleRow), params=rows)


async def _write_organizations(
    tx: Transaction, entries: Sequence[RegisterEntry], now: datetime, random_bytes: RandomBytes
) -> dict[str, str]:
    """Write the organisations of `entries`; returns each one's row id by identifier."""
    named: dict[str, RegisterOrganization] = {
        role.organization.identifier: role.organization
        for entry in entries
        for role in entry.roles
        if role.organization
    }
    ids: dict[str, str] = {}
    known = await tx.exec(select(OrganizationRow).where(col(OrganizationRow.identifier).in_(named)))
    for row in known.all():
        ids[row.identifier] = row.id
        organization = named[row.identifier]
        if (row.finess, row.name) != (organization.finess, organization.name):
            row.finess, row.name = organization.finess, organization.name
            tx.add(row)
    for identifier, organization in named.items():
        if identifier not in ids:
            ids[identifier] = new_row_id(now, random_bytes)
            tx.add(
                OrganizationRow(
                    id=ids[identifier], identifier=identifier, finess=organization.finess, name=organization.name
                )
            )
    await tx.flush()
    return ids
