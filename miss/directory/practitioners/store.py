"""The directory's queries: from the register's rows, and from ours about its entries, to practitioners."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, literal
from sqlmodel import col, select

from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.practitioners.model import (
    AcceptedFormat,
    Coding,
    DirectoryEntry,
    Organization,
    Practitioner,
    PractitionerRole,
    Qualification,
)
from miss.directory.practitioners.tables import DirectoryEntryRow
from miss.directory.register.tables import (
    CodingRow,
    MailboxRow,
    PractitionerRow,
    QualificationRow,
    RoleRow,
    SiteRow,
)
from miss.directory.search.towns import department_of
from miss.storage import Transaction
from miss.storage.direct import PortableStatement

Entries = dict[PractitionerId, DirectoryEntry]
_NOTHING_SAID = DirectoryEntry()


async def get_many(tx: Transaction, ids: Collection[str], entries: Entries) -> dict[PractitionerId, Practitioner]:
    """The practitioners of `ids` (some hundreds at most); unknown ones are absent.  `tx`: of the register."""
    if not ids:
        return {}
    rows = (await tx.exec(select(PractitionerRow).where(col(PractitionerRow.id).in_(ids)))).all()
    labels = await _labels(tx)
    roles: dict[str, list[PractitionerRole]] = {row.id: [] for row in rows}
    found_roles = await tx.exec(
        select(RoleRow, SiteRow)
        .join(SiteRow, col(SiteRow.id) == col(RoleRow.site), isouter=True)
        .where(col(RoleRow.practitioner_id).in_(ids))
        .order_by(col(RoleRow.practitioner_id), col(RoleRow.specialty_code), col(SiteRow.identifier), col(SiteRow.id))
    )
    for role, site in found_roles:
        roles[role.practitioner_id].append(_role(role, site, labels))
    mailboxes: dict[str, list[str]] = {row.id: [] for row in rows}
    found_mailboxes = await tx.exec(
        select(MailboxRow).where(col(MailboxRow.practitioner_id).in_(ids)).order_by(col(MailboxRow.address))
    )
    for mailbox in found_mailboxes:
        mailboxes.setdefault(mailbox.practitioner_id, []).append(mailbox.address)
    qualifications: dict[str, list[Qualification]] = {row.id: [] for row in rows}
    found = await tx.exec(select(QualificationRow).where(col(QualificationRow.practitioner_id).in_(ids)))
    for one in sorted(found, key=lambda one: (one.practitioner_id, one.kind, one.type_code, one.code)):
        qualifications.setdefault(one.practitioner_id, []).append(
            Qualification(one.kind, Coding(one.type_code, one.type), Coding(one.code, one.label))
        )
    return {
        PractitionerId(row.id): Practitioner(
            id=PractitionerId(row.id),
            family=row.family,
            given=row.given,
            civility=row.civility,
            profession=_coding("profession", row.profession_code, labels),
            roles=tuple(roles[row.id]),
            mailboxes=tuple(mailboxes[row.id]),
            qualifications=tuple(qualifications[row.id]),
            entry=entries.get(PractitionerId(row.id), _NOTHING_SAID),
            gone_at=row.gone_at,
        )
        for row in rows
    }


async def find_owner(tx: Transaction, address: str) -> str | None:
    """Whose mailbox `address` (normalised) is: a person's identifier, or `structure_owner`."""
    return (await tx.exec(select(MailboxRow.practitioner_id).where(MailboxRow.address == address))).one_or_none()


_MAILBOXES = PortableStatement(
    select(MailboxRow.address)
    .where(col(MailboxRow.practitioner_id) == bindparam("of"))
    .order_by(col(MailboxRow.address)),
    ("of",),
)


async def list_mailboxes(tx: Transaction, of: str) -> list[str]:
    """The addresses of one person, or of one `structure_owner`, in order.  `tx`: of the register."""
    return [address for (address,) in await _MAILBOXES.fetch(tx, of)]


async def get_entries(tx: Transaction, ids: Collection[str]) -> Entries:
    """What was said about those of `ids`; the others are absent.  `tx`: of the application."""
    rows = await tx.exec(select(DirectoryEntryRow).where(col(DirectoryEntryRow.practitioner_id).in_(ids)))
    return {PractitionerId(row.practitioner_id): _entry(row) for row in rows}


async def list_red_listed(tx: Transaction, after: str, limit: int) -> Sequence[PractitionerId]:
    """Identifiers of those on the red list, in their order, from behind `after`.  `tx`: of the application."""
    identifier = col(DirectoryEntryRow.practitioner_id)
    rows = await tx.exec(
        select(DirectoryEntryRow.practitioner_id)
        .where(col(DirectoryEntryRow.is_red_listed), identifier > after)
        .order_by(identifier)
        .limit(limit)
    )
    return [PractitionerId(one) for one in rows]


async def list_named(
    tx: Transaction, ids: Collection[PractitionerId], words: Collection[str]
) -> list[tuple[str, str, PractitionerId]]:
    """Those of `ids` (some hundreds at most) whose name has a word beginning with each of `words` (folded), as family
    words, given words and identifier; gone from the register or not.  `tx`: of the register."""
    family, given = col(PractitionerRow.family_words), col(PractitionerRow.given_words)
    names = literal(" ") + family + " " + given
    rows = await tx.exec(
        select(PractitionerRow.family_words, PractitionerRow.given_words, PractitionerRow.id).where(
            col(PractitionerRow.id).in_(ids), *(names.like(f"% {word}%") for word in words)
        )
    )
    return [(family_words, given_words, PractitionerId(one)) for family_words, given_words, one in rows]


async def put_entry(tx: Transaction, of: PractitionerId, entry: DirectoryEntry, by: str, now: datetime) -> None:
    """Say something about an entry, instead of what was said before."""
    row = await tx.get(DirectoryEntryRow, of) or DirectoryEntryRow(practitioner_id=of, updated_at=now)
    row.is_red_listed, row.is_proxy = entry.is_red_listed, entry.is_proxy
    row.formats = ",".join(sorted(entry.formats))
    row.phone, row.mailbox = entry.phone, entry.mailbox
    row.updated_at, row.updated_by = now, by
    tx.add(row)
    await tx.flush()


async def list_codings(tx: Transaction, kind: str) -> list[Coding]:
    """The `profession`s or `specialty`s that the register has, by label."""
    rows = await tx.exec(select(CodingRow).where(CodingRow.kind == kind))
    return sorted((Coding(row.code, row.label) for row in rows), key=lambda coding: (coding.display, coding.code))


Labels = dict[tuple[str, str], str]


async def _labels(tx: Transaction) -> Labels:
    """Some hundreds: read whole."""
    rows: Sequence[Any] = (await tx.exec(select(CodingRow.kind, CodingRow.code, CodingRow.label))).all()
    return {(kind, code): label for kind, code, label in rows}


def _coding(kind: str, code: str, labels: Labels) -> Coding:
    return Coding(code, labels.get((kind, code), ""))


def _role(row: RoleRow, site: SiteRow | None, labels: Labels) -> PractitionerRole:
    department = department_of(row.place)
    return PractitionerRole(
        specialty=_coding("specialty", row.specialty_code, labels) if row.specialty_code else None,
        organization=_organization(site) if site and site.identifier else None,
        town=site.town if site else "",
        postcode=site.postcode if site else "",
        phone=site.phone if site else "",
        department=department,
        mode=row.mode_code,
        sector=row.sector_code,
    )


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


def _entry(row: DirectoryEntryRow) -> DirectoryEntry:
    return DirectoryEntry(
        is_red_listed=row.is_red_listed,
        is_proxy=row.is_proxy,
        formats=frozenset(AcceptedFormat(code) for code in row.formats.split(",") if code),
        phone=row.phone,
        mailbox=row.mailbox,
    )
