"""The records of establishments: opened by a technician, kept by their own administrators.  Every act is recorded."""

import re
from collections.abc import Sequence
from dataclasses import replace

from miss.base.clock import Clock
from miss.base.ids import OrganizationId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments import store
from miss.directory.establishments.errors import (
    ContactRefused,
    EstablishmentExists,
    EstablishmentNotFound,
    EstablishmentRefused,
    StaffListBusy,
    TooManyUnits,
    UnitExists,
    UnitInUse,
    UnitNotFound,
    UnitRefused,
)
from miss.directory.establishments.model import (
    Contact,
    Establishment,
    EstablishmentKind,
    Overview,
    completeness,
    is_finess,
)
from miss.directory.establishments.roster import store as roster_store
from miss.directory.establishments.staff import MAX_UNITS, Unit, UnitKind, Units
from miss.directory.register.mailboxes import is_address, normalise_address
from miss.directory.search.words import fold
from miss.storage import Database, Transaction

PAGE = 50
READ_AT_ONCE = 500
NAME_LENGTH, TOWN_LENGTH, UNIT_LENGTH, CONTACT_LENGTH = 200, 100, 120, 100
_IDENTIFIER = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")
"""Technical identifiers and FINESS numbers are far shorter; as a party (`organization_party`) it has to fit 36."""
_PHONE = re.compile(r"[+(]?[0-9][0-9 ().+/-]{1,28}")


class Establishments:
    """Which establishments there are, and what they say of themselves."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._audit = AuditLog(db, clock)

    async def open(self, draft: Establishment, by: str) -> Establishment:
        """A record without contacts.  Raises EstablishmentRefused, EstablishmentExists."""
        establishment = _tidy(draft)
        async with self._db.transaction() as tx:
            if not await store.insert_establishment(tx, establishment, self._clock.now()):
                raise EstablishmentExists(identifier=establishment.id)
            self._record(tx, establishment.id, "opened", by, establishment.kind.value)
        return replace(establishment, contacts=())

    async def change(self, draft: Establishment, by: str) -> None:
        """Name, kind, FINESS number and town as in `draft`.  Raises EstablishmentRefused, EstablishmentNotFound."""
        establishment = _tidy(draft)
        async with self._db.transaction() as tx:
            before = await get_held(tx, establishment.id)
            await store.update_record(tx, establishment)
            names = ("name", "kind", "finess", "town")
            said = ", ".join(name for name in names if getattr(before, name) != getattr(establishment, name))
            self._record(tx, establishment.id, "changed", by, said)

    async def get(self, establishment_id: OrganizationId) -> Establishment:
        """Raises EstablishmentNotFound."""
        async with self._db.snapshot() as tx:
            found = await store.find_establishment(tx, establishment_id)
        if found is None:
            raise EstablishmentNotFound
        return found

    async def get_many(self, ids: Sequence[OrganizationId]) -> list[Establishment]:
        """Those of `ids` that have a record, in their order."""
        async with self._db.snapshot() as tx:
            found = [await store.find_establishment(tx, one) for one in ids]
        return [one for one in found if one is not None]

    async def list_(self, text: str = "", *, offset: int = 0, limit: int = PAGE) -> tuple[list[Overview], int]:
        """Establishments by name, with what their records lack; and how many there are."""
        async with self._db.snapshot() as tx:
            found, total = await store.list_establishments(tx, text, max(offset, 0), min(limit, PAGE))
        return [Overview(one, staff, completeness(one)) for one, staff in found], total

    async def list_incomplete(self, limit: int = PAGE) -> tuple[list[Overview], int]:
        """The first whose records lack something, by name; and how many lack something."""
        found: list[Overview] = []
        async with self._db.snapshot() as tx:
            offset, total = 0, 1
            while offset < total:
                some, total = await store.list_establishments(tx, "", offset, READ_AT_ONCE)
                overviews = (Overview(one, staff, completeness(one)) for one, staff in some)
                found.extend(one for one in overviews if one.missing)
                offset += READ_AT_ONCE
        return found[:limit], len(found)

    async def set_contacts(self, establishment_id: OrganizationId, contacts: Sequence[Contact], by: str) -> None:
        """These contacts instead of those there were; empty ones are left out.

        Raises ContactRefused, EstablishmentNotFound.
        """
        tidy = [contact for one in contacts if (contact := _tidy_contact(one)) != Contact(one.function)]
        async with self._db.transaction() as tx:
            before = await get_held(tx, establishment_id)
            await store.put_contacts(tx, establishment_id, tidy)
            functions = {contact.function for contact in (*before.contacts, *tidy)}
            after = replace(before, contacts=tuple(tidy))
            changed = sorted(one for one in functions if before.contact(one) != after.contact(one))
            if changed:
                self._record(tx, establishment_id, "contacts_changed", by, ", ".join(changed))

    # Sites and departments

    async def list_units(self, establishment_id: OrganizationId) -> Units:
        """Its sites and departments."""
        async with self._db.snapshot() as tx:
            return await store.list_units(tx, establishment_id)

    async def add_unit(
        self,
        establishment_id: OrganizationId,
        kind: UnitKind,
        name: str,
        by: str,
        *,
        parent_id: str = "",
        external_id: str = "",
    ) -> Unit:
        """A site, or a department of one or of none.  Raises UnitRefused, UnitExists, UnitNotFound, TooManyUnits."""
        async with self._db.transaction() as tx:
            await get_list_held(tx, establishment_id)
            units = await store.list_units(tx, establishment_id)
            parent = units.find(parent_id)
            if parent_id and (parent is None or parent.kind is not UnitKind.SITE or kind is UnitKind.SITE):
                raise UnitNotFound
            if len(units.all) >= MAX_UNITS:
                raise TooManyUnits(limit=MAX_UNITS)
            row_id = new_row_id(self._clock.now(), self._random_bytes)
            unit = Unit(row_id, kind, tidy_unit_name(name), parent_id, external_id[:100])
            if not await store.insert_units(tx, establishment_id, [unit]):
                raise UnitExists
            self._record(tx, establishment_id, "unit_added", by, unit.name)
        return unit

    async def change_unit(
        self, establishment_id: OrganizationId, unit_id: str, by: str, *, name: str, external_id: str | None = None
    ) -> Unit:
        """Another name; who works there stays.  Raises UnitNotFound, UnitRefused, UnitExists."""
        async with self._db.transaction() as tx:
            establishment = await get_list_held(tx, establishment_id)
            unit = (await store.list_units(tx, establishment_id)).find(unit_id)
            if unit is None:
                raise UnitNotFound
            kept = unit.external_id if external_id is None else external_id[:100]
            changed = replace(unit, name=tidy_unit_name(name), external_id=kept)
            if not await store.update_unit(tx, changed):
                raise UnitExists
            await store.bump_revision(tx, establishment)
            self._record(tx, establishment_id, "unit_changed", by, f"{unit.name} → {changed.name}")
        return changed

    async def remove_unit(self, establishment_id: OrganizationId, unit_id: str, by: str) -> None:
        """Take out a site or department that is empty.  Raises UnitNotFound, UnitInUse."""
        async with self._db.transaction() as tx:
            establishment = await get_list_held(tx, establishment_id)
            units = await store.list_units(tx, establishment_id)
            unit = units.find(unit_id)
            if unit is None:
                raise UnitNotFound
            if units.departments(unit_id) or await roster_store.count(tx, establishment_id, unit_id):
                raise UnitInUse
            await store.delete_unit(tx, unit_id)
            await store.bump_revision(tx, establishment)
            self._record(tx, establishment_id, "unit_removed", by, unit.name)

    def _record(self, tx: Transaction, establishment_id: OrganizationId, act: str, by: str, detail: str) -> None:
        subject = Subject("organization", establishment_id)
        self._audit.append(tx, actor=by, act=f"establishment.{act}", subject=subject, detail=detail)


async def get_held(tx: Transaction, establishment_id: OrganizationId) -> Establishment:
    """The record, held until `tx` ends.  Raises EstablishmentNotFound."""
    found = await store.find_establishment(tx, establishment_id, held=True)
    if found is None:
        raise EstablishmentNotFound
    return found


async def get_list_held(tx: Transaction, establishment_id: OrganizationId) -> Establishment:
    """As `get_held`, for whoever changes who works there, or where.  Raises StaffListBusy, too."""
    found = await get_held(tx, establishment_id)
    if await store.find_application(tx, establishment_id):
        raise StaffListBusy
    return found


def _tidy(draft: Establishment) -> Establishment:
    """Raises EstablishmentRefused."""
    name, town = " ".join(draft.name.split()), " ".join(draft.town.split())
    finess = "".join(draft.finess.split()).upper()
    is_named = bool(fold(name)) and name.isprintable() and len(name) <= NAME_LENGTH
    is_placed = town.isprintable() and len(town) <= TOWN_LENGTH
    if not (is_named and is_placed and _IDENTIFIER.fullmatch(draft.id)) or (finess and not is_finess(finess)):
        raise EstablishmentRefused
    return replace(draft, name=name, town=town, finess=finess)


def _tidy_contact(contact: Contact) -> Contact:
    """Raises ContactRefused."""
    name, email, phone = " ".join(contact.name.split()), normalise_address(contact.email), contact.phone.strip()
    is_named = name.isprintable() and len(name) <= CONTACT_LENGTH
    if not is_named or (email and not is_address(email)) or (phone and not _PHONE.fullmatch(phone)):
        raise ContactRefused(contact=contact.function.text)
    return Contact(contact.function, name, email, phone)


def tidy_unit_name(name: str) -> str:
    """A site's or department's name with single spaces.  Raises UnitRefused."""
    tidy = " ".join(name.split())
    if not fold(tidy) or not tidy.isprintable() or len(tidy) > UNIT_LENGTH:
        raise UnitRefused
    return tidy


def new_establishment(identifier: str, name: str, kind: str, finess: str, town: str) -> Establishment:
    """What a form says of one; the FINESS number is its identifier if it says none.  Raises EstablishmentRefused."""
    if kind not in {*EstablishmentKind}:
        raise EstablishmentRefused
    number = "".join(finess.split()).upper()
    return Establishment(
        id=OrganizationId("".join(identifier.split()) or number),
        name=name,
        kind=EstablishmentKind(kind),
        finess=number,
        town=town,
    )
