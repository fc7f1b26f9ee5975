"""A department and who works in it, as a program says both at once (SCIM groups); one transaction each.

Somebody works in one department: whoever is named for another one moves there.
"""

from collections.abc import Collection
from dataclasses import replace

from miss.base.clock import Clock
from miss.base.ids import OrganizationId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.establishments import store as unit_store
from miss.directory.establishments.errors import StaffNotFound, TooManyUnits, UnitExists, UnitInUse, UnitNotFound
from miss.directory.establishments.model import Establishment
from miss.directory.establishments.roster import store
from miss.directory.establishments.roster.service import Edits, Roster
from miss.directory.establishments.service import get_list_held, tidy_unit_name
from miss.directory.establishments.staff import MAX_UNITS, StaffMember, Unit, UnitKind, Units
from miss.storage import Database, Transaction


class Departments:
    """Departments with their people."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, roster: Roster) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._roster = roster

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

        Raises UnitNotFound, UnitRefused, UnitExists, TooManyUnits, StaffNotFound.
        """
        name = tidy_unit_name(name)
        async with self._db.transaction() as tx:
            establishment = await get_list_held(tx, establishment_id)
            units = await unit_store.list_units(tx, establishment_id)
            unit = await self._put_unit(tx, establishment_id, units, unit_id, name, external_id[:100])
            # Read again: who works there now does so under the new name.
            units = await unit_store.list_units(tx, establishment_id)
            people = {one.id: one for one in await store.list_all(tx, establishment_id, units)}
            if not people.keys() >= set(members):
                raise StaffNotFound
            there = {one.id for one in people.values() if one.unit_id == unit.id}
            edits = [(people[one], _moved(people[one], units, unit)) for one in sorted(set(members) - there)]
            edits += [(people[one], _moved_out(people[one])) for one in sorted(there - set(members))]
            await self._roster.apply(tx, establishment, Edits(changed=edits), by)
        return unit

    async def remove(self, establishment_id: OrganizationId, unit_id: str, by: str) -> None:
        """Take out a department; its people stay on the list, in none.  Raises UnitNotFound, UnitInUse (a site)."""
        async with self._db.transaction() as tx:
            establishment = await get_list_held(tx, establishment_id)
            units = await unit_store.list_units(tx, establishment_id)
            unit = units.find(unit_id)
            if unit is None:
                raise UnitNotFound
            if units.departments(unit_id):
                raise UnitInUse
            people = [one for one in await store.list_all(tx, establishment_id, units) if one.unit_id == unit_id]
            out = [(one, _moved_out(one, whole=unit.kind is UnitKind.SITE)) for one in people]
            await self._roster.apply(tx, establishment, Edits(changed=out), by)
            await unit_store.delete_unit(tx, unit_id)
            await self._bump(tx, establishment)

    async def _put_unit(
        self,
        tx: Transaction,
        establishment_id: OrganizationId,
        units: Units,
        unit_id: str,
        name: str,
        external_id: str,
    ) -> Unit:
        if unit_id:
            known = units.find(unit_id)
            if known is None:
                raise UnitNotFound
            unit = replace(known, name=name, external_id=external_id)
            is_put = unit == known or await unit_store.update_unit(tx, unit)
        else:
            if len(units.all) >= MAX_UNITS:
                raise TooManyUnits(limit=MAX_UNITS)
            row_id = new_row_id(self._clock.now(), self._random_bytes)
            unit = Unit(row_id, UnitKind.DEPARTMENT, name, external_id=external_id)
            is_put = await unit_store.insert_units(tx, establishment_id, [unit])
        if not is_put:
            raise UnitExists
        return unit

    async def _bump(self, tx: Transaction, establishment: Establishment) -> None:
        # The move of its people may have said so already: the list is another one than before, which is what counts.
        await unit_store.bump_revision(tx, establishment)


def _moved(member: StaffMember, units: Units, unit: Unit) -> StaffMember:
    site, department = units.names(unit.id)
    return replace(member, facts=replace(member.facts, site=site, department=department))


def _moved_out(member: StaffMember, *, whole: bool = False) -> StaffMember:
    """In no department; still at its site, unless that goes."""
    # Whoever works at a site as such, in none of its departments, leaves the site.
    at_site = bool(member.facts.department) and not whole
    facts = replace(member.facts, department="", site=member.facts.site if at_site else "")
    return replace(member, facts=facts)
