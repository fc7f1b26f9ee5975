"""A department and who works in it, as a program says both at once (SCIM groups).

Somebody works in one department: whoever is named for another one moves there.  A few people are moved in the
transaction that makes or names the department; thousands as a long file is applied, a slice a transaction, while the
list is frozen (`miss.directory.establishments.uploads.application`): nobody else waits to write for long.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from miss.base.clock import Clock
from miss.base.ids import OrganizationId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.establishments import store as unit_store
from miss.directory.establishments.errors import (
    EstablishmentNotFound,
    StaffListChanged,
    StaffNotFound,
    TooManyUnits,
    UnitExists,
    UnitInUse,
    UnitNotFound,
)
from miss.directory.establishments.model import Establishment
from miss.directory.establishments.roster import store
from miss.directory.establishments.roster.service import Edits, Roster
from miss.directory.establishments.service import get_list_held, tidy_unit_name
from miss.directory.establishments.staff import MAX_UNITS, StaffFacts, Unit, UnitKind, Units
from miss.directory.establishments.uploads import plan as plans
from miss.directory.establishments.uploads.application import Applications
from miss.directory.establishments.uploads.plan import Plan, Step
from miss.directory.establishments.uploads.store import Application
from miss.storage import Database, Transaction

TRIES: Final = 3
"""Times a list may change between the reading and the writing before the program is told."""


@dataclass(frozen=True, slots=True)
class _List:
    """A list as it was read, before anything is held."""

    revision: int
    units: Units
    places: Mapping[str, str]
    """In which unit each person works."""


@dataclass(frozen=True, slots=True)
class _Move:
    """Where somebody works afterwards; without a department: in none."""

    site: str = ""
    department: str = ""
    keeps_site: bool = False
    """Who leaves a department of a site is still at that site; who works at the site as such leaves it."""

    def of(self, facts: StaffFacts) -> StaffFacts:
        """What the list then says of them."""
        site = facts.site if self.keeps_site and facts.department else self.site
        return replace(facts, site=site, department=self.department)


_OUT: Final = _Move(keeps_site=True)
_OUT_OF_SITE: Final = _Move()


class Departments:
    """Departments with their people."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, roster: Roster) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._roster = roster
        self._applications = Applications(db, clock, random_bytes, roster)

    async def put(
        self,
        establishment_id: OrganizationId,
        unit_id: str,
        name: str,
        external_id: str,
        members: Collection[str],
        by: str,
    ) -> Unit:
        """The department of that name with exactly these people; an empty `unit_id` makes one.

        Raises UnitNotFound, UnitRefused, UnitExists, TooManyUnits, StaffNotFound, StaffListBusy, StaffListChanged.
        """
        name, wanted = tidy_unit_name(name), set(members)
        for _ in range(TRIES):
            read = await self._read(establishment_id)
            unit = self._said(read.units, unit_id, name, external_id[:100])
            if not read.places.keys() >= wanted:
                raise StaffNotFound
            there = {one for one, place in read.places.items() if place == unit.id}
            place = _place_in(read.units, unit)
            moves = dict.fromkeys(sorted(wanted - there), place) | dict.fromkeys(sorted(there - wanted), _OUT)
            if await self._change(establishment_id, read, unit, moves, by):
                return unit
        raise StaffListChanged

    async def remove(self, establishment_id: OrganizationId, unit_id: str, by: str) -> None:
        """Take out a department; its people stay on the list, in none.

        Raises UnitNotFound, UnitInUse (a site), StaffListBusy, StaffListChanged.
        """
        for _ in range(TRIES):
            read = await self._read(establishment_id)
            unit = read.units.find(unit_id)
            if unit is None:
                raise UnitNotFound
            if read.units.departments(unit_id):
                raise UnitInUse
            out = _OUT_OF_SITE if unit.kind is UnitKind.SITE else _OUT
            moves = dict.fromkeys(sorted(one for one, place in read.places.items() if place == unit_id), out)
            is_last = len(moves) <= plans.SLICE_STEPS
            if await self._change(establishment_id, read, unit, moves, by, is_last=is_last) and is_last:
                return
        raise StaffListChanged

    async def _change(
        self,
        establishment_id: OrganizationId,
        read: _List,
        unit: Unit,
        moves: Mapping[str, _Move],
        by: str,
        *,
        is_last: bool = False,
    ) -> bool:
        """Keep `unit` as it is said and move people; `is_last`: then it goes.

        False: the list is another one than was read, and nothing was done.
        """
        is_long = len(moves) > plans.SLICE_STEPS
        content = await self._compose(establishment_id, read, moves) if is_long else ""
        now = self._clock.now()
        async with self._db.transaction() as tx:
            establishment = await get_list_held(tx, establishment_id)
            units = await unit_store.list_units(tx, establishment_id)
            if (establishment.staff_revision, units.all) != (read.revision, read.units.all):
                return False
            await self._put(tx, establishment_id, units, unit)
            if is_long:
                application_id = new_row_id(now, self._random_bytes)
                said = Application(application_id, establishment_id, unit.name, by, now)
                await self._applications.write_down(tx, said, content)
            else:
                await self._move(tx, establishment, moves, by)
            if is_last:
                await unit_store.delete_unit(tx, unit.id)
                # The move of its people may have said so already: the list is another one than before.
                await unit_store.bump_revision(tx, establishment)
        if is_long:
            await self._applications.carry_out(establishment_id)
        return True

    async def _read(self, establishment_id: OrganizationId) -> _List:
        async with self._db.snapshot() as tx:
            establishment = await unit_store.find_establishment(tx, establishment_id)
            if establishment is None:
                raise EstablishmentNotFound
            units = await unit_store.list_units(tx, establishment_id)
            return _List(establishment.staff_revision, units, await store.list_places(tx, establishment_id))

    async def _compose(self, establishment_id: OrganizationId, read: _List, moves: Mapping[str, _Move]) -> str:
        """The plan of these moves, as JSON; people are read some at a time, and others served in between."""
        steps: list[Step] = []
        ids = list(moves)
        for start in range(0, len(ids), plans.SLICE_STEPS):
            some = ids[start : start + plans.SLICE_STEPS]
            async with self._db.snapshot() as tx:
                people = await store.list_members(tx, establishment_id, read.units, some)
            steps += [Step(one.id, moves[one.id].of(one.facts)) for one in people]
            await asyncio.sleep(0)
        return await asyncio.to_thread(Plan((), tuple(steps), ()).to_json)

    async def _move(self, tx: Transaction, establishment: Establishment, moves: Mapping[str, _Move], by: str) -> None:
        # Read again: who works there now does so under the new name.
        units = await unit_store.list_units(tx, establishment.id)
        people = await store.list_members(tx, establishment.id, units, moves)
        edits = [(one, replace(one, facts=moves[one.id].of(one.facts))) for one in people]
        await self._roster.apply(tx, establishment, Edits(changed=edits), by)

    def _said(self, units: Units, unit_id: str, name: str, external_id: str) -> Unit:
        """The unit as it is to be.  Raises UnitNotFound, TooManyUnits."""
        if unit_id:
            known = units.find(unit_id)
            if known is None:
                raise UnitNotFound
            return replace(known, name=name, external_id=external_id)
        if len(units.all) >= MAX_UNITS:
            raise TooManyUnits(limit=MAX_UNITS)
        row_id = new_row_id(self._clock.now(), self._random_bytes)
        return Unit(row_id, UnitKind.DEPARTMENT, name, external_id=external_id)

    async def _put(self, tx: Transaction, establishment_id: OrganizationId, units: Units, unit: Unit) -> None:
        """Raises UnitExists."""
        known = units.find(unit.id)
        if known is None:
            is_put = await unit_store.insert_units(tx, establishment_id, [unit])
        else:
            is_put = unit == known or await unit_store.update_unit(tx, unit)
        if not is_put:
            raise UnitExists


def _place_in(units: Units, unit: Unit) -> _Move:
    """The place that `unit`, as it is to be, names."""
    others = [one for one in units.all if one.id != unit.id]
    site, department = Units([*others, unit]).names(unit.id)
    return _Move(site, department)
