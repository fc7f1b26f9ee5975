"""Whom of an establishment a name may mean: its members here, its list of staff, and those the register has there."""

from datetime import date

from miss.base.clock import Clock
from miss.base.ids import OrganizationId, PractitionerId
from miss.base.random import RandomBytes
from miss.directory.accounts import Accounts
from miss.directory.establishments import store
from miss.directory.establishments.employers import list_establishments_of
from miss.directory.establishments.model import Establishment
from miss.directory.establishments.quotas.model import day_of
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.staff import StaffQuery
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.practitioners.model import practitioner_id
from miss.directory.roles import Role, Roles, organization_scope
from miss.storage import Database, Transaction

RPPS_DIGITS = 11
MAX_HITS = 50


class Colleagues:
    """The people of establishments."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        practitioners: Practitioners,
        accounts: Accounts,
        roles: Roles,
    ) -> None:
        self._db = db
        self._clock = clock
        self._practitioners = practitioners
        self._accounts = accounts
        self._roles = roles
        self._roster = Roster(db, clock, random_bytes, practitioners)

    async def list_meant(self, establishment_id: OrganizationId, said: str) -> dict[PractitionerId, Practitioner]:
        """The members, and whoever else works there and may be meant by `said`, a name without title or an RPPS number.

        Nobody for an establishment without a record.
        """
        members = await self._members(establishment_id)
        wanted = {*members, *await self._list_like(establishment_id, said)}
        people = await self._practitioners.get_many(wanted)
        today = day_of(self._clock.now())
        async with self._db.snapshot() as tx:
            record = await store.find_establishment(tx, establishment_id)
            if record is None:
                return {}
            return {
                one: person
                for one, person in people.items()
                if one in members or (person.gone_at is None and await _works_at(tx, person, record, today))
            }

    async def _members(self, establishment_id: OrganizationId) -> set[PractitionerId]:
        """Who may act in its name on the pages."""
        grants = await self._roles.list_holders(Role.ORGANIZATION_MEMBER, organization_scope(establishment_id))
        accounts = await self._accounts.get_many([grant.uid for grant in grants])
        return {account.practitioner_id for account in accounts.values() if account.is_active}

    async def _list_like(self, establishment_id: OrganizationId, said: str) -> set[PractitionerId]:
        digits = "".join(filter(str.isdigit, said))
        if len(digits) == RPPS_DIGITS:
            return {practitioner_id(digits)}
        if not said.strip():
            return set()
        listed = await self._roster.list_page(establishment_id, StaffQuery(text=said, limit=MAX_HITS))
        found = await self._practitioners.search(said, limit=MAX_HITS)
        numbers = [practitioner_id(one.facts.rpps) for one in listed.members if one.facts.rpps]
        return {*numbers, *(person.id for person in found)}


async def _works_at(tx: Transaction, person: Practitioner, record: Establishment, today: date) -> bool:
    """By the word of the register, or by the establishment's own."""
    for role in person.roles:
        place = role.organization
        if place and (place.id == record.id or (record.finess and place.finess == record.finess)):
            return True
    return record.id in await list_establishments_of(tx, person.id, today)
