"""Who works in an establishment: added, changed, moved, hidden, removed, each in one transaction that records it.

By hand, by a program and by a file, the same path writes: whoever changes a list holds its establishment, so that two
of them never meet.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from miss.base.clock import Clock
from miss.base.ids import OrganizationId, new_row_id
from miss.base.random import RandomBytes
from miss.base.text import Language, Text
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments import store as unit_store
from miss.directory.establishments.errors import (
    StaffChanged,
    StaffExists,
    StaffNotFound,
    StaffRefused,
    TooManyStaff,
    TooManyUnits,
    UnitExists,
)
from miss.directory.establishments.facts import Remark, StaffField, compare, parse_facts
from miss.directory.establishments.model import Establishment
from miss.directory.establishments.roster import store
from miss.directory.establishments.service import get_list_held
from miss.directory.establishments.staff import (
    MAX_STAFF,
    MAX_UNITS,
    StaffAct,
    StaffEvent,
    StaffFacts,
    StaffMember,
    StaffPage,
    StaffQuery,
    Unit,
    UnitKind,
    Units,
)
from miss.directory.practitioners import Practitioners
from miss.storage import Database, Transaction

MAX_PAGE = 200
MAX_EVENTS = 100
USER_NAME = Text(fr="identifiant de connexion", en="user name")
USER_NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """A member as they are now, and what differs from the register."""

    member: StaffMember
    warnings: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Edits:
    """What changes at once; facts name their department, which is made if there is none."""

    added: Sequence[StaffMember] = ()
    changed: Sequence[tuple[StaffMember, StaffMember]] = ()
    """Before and after."""
    removed: Sequence[StaffMember] = ()


class Roster:
    """The lists of staff."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, practitioners: Practitioners) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._practitioners = practitioners
        self._audit = AuditLog(db, clock)

    async def list_page(self, establishment_id: OrganizationId, query: StaffQuery) -> StaffPage:
        """Those of the list whom `query` means, by name; at most `MAX_PAGE`."""
        async with self._db.snapshot() as tx:
            units = await unit_store.list_units(tx, establishment_id)
            bounded = replace(query, limit=max(0, min(query.limit, MAX_PAGE)))
            return await store.list_page(tx, establishment_id, units, bounded)

    async def list_all(self, establishment_id: OrganizationId) -> list[StaffMember]:
        """The whole list (at most `MAX_STAFF`), in the order in which people came."""
        async with self._db.snapshot() as tx:
            return await store.list_all(tx, establishment_id, await unit_store.list_units(tx, establishment_id))

    async def get(self, establishment_id: OrganizationId, member_id: str) -> StaffMember:
        """Raises StaffNotFound, for somebody of another establishment too."""
        async with self._db.snapshot() as tx:
            return await self._get(tx, establishment_id, member_id)

    async def find_by(self, establishment_id: OrganizationId, column: str, value: str) -> StaffMember | None:
        """Who has that `rpps`, `adeli`, `external_id`, or `login`: user name in lower case, or identifier."""
        async with self._db.snapshot() as tx:
            units = await unit_store.list_units(tx, establishment_id)
            return await store.find_by(tx, establishment_id, units, column, value)

    async def history(self, establishment_id: OrganizationId, member_id: str) -> Sequence[StaffEvent]:
        """What happened to somebody's place, newest first; also when they have left."""
        async with self._db.snapshot() as tx:
            return await store.list_events(tx, establishment_id, member_id, MAX_EVENTS)

    async def add(
        self, establishment_id: OrganizationId, said: Mapping[StaffField, str], by: str, *, user_name: str = ""
    ) -> Kept:
        """Somebody new.  Raises StaffRefused, StaffExists, TooManyStaff, EstablishmentNotFound."""
        facts, warnings = await self._parse(said, StaffFacts())
        async with self._db.transaction() as tx:
            establishment = await get_list_held(tx, establishment_id)
            member = self.new_member(establishment_id, facts, user_name)
            await self.apply(tx, establishment, Edits(added=[member]), by)
            member = await self._get(tx, establishment_id, member.id)
        return Kept(member, warnings)

    async def change(
        self,
        establishment_id: OrganizationId,
        member_id: str,
        said: Mapping[StaffField, str],
        by: str,
        *,
        version: int | None = None,
        user_name: str | None = None,
    ) -> Kept:
        """What was said, instead; fields that are not in `said` stay.  `version`: the one that was read.

        Raises StaffNotFound, StaffChanged, StaffRefused, StaffExists.
        """
        before = await self.get(establishment_id, member_id)
        facts, warnings = await self._parse(said, before.facts)
        async with self._db.transaction() as tx:
            establishment = await get_list_held(tx, establishment_id)
            held = await self._get(tx, establishment_id, member_id)
            if version not in (None, held.version) or held.version != before.version:
                raise StaffChanged
            login = held.user_name if user_name is None else user_name
            after = replace(held, facts=facts, user_name=login)
            await self.apply(tx, establishment, Edits(changed=[(held, after)]), by)
            member = await self._get(tx, establishment_id, member_id)
        return Kept(member, warnings)

    async def change_many(
        self, establishment_id: OrganizationId, ids: Collection[str], said: Mapping[StaffField, str], by: str
    ) -> int:
        """What was said, of all of `ids` at once; how many of them are on the list.  Raises StaffRefused."""
        async with self._db.transaction() as tx:
            establishment = await get_list_held(tx, establishment_id)
            units = await unit_store.list_units(tx, establishment_id)
            chosen = [one for one in await store.list_all(tx, establishment_id, units) if one.id in ids]
            edits = []
            for before in chosen:
                parsed = parse_facts(said, before.facts)
                if parsed.errors:
                    raise StaffRefused(problems=in_words(parsed.errors))
                edits.append((before, replace(before, facts=parsed.facts)))
            await self.apply(tx, establishment, Edits(changed=edits), by)
        return len(chosen)

    async def remove(
        self, establishment_id: OrganizationId, member_id: str, by: str, *, version: int | None = None
    ) -> None:
        """Take somebody off the list.  Raises StaffNotFound, StaffChanged."""
        async with self._db.transaction() as tx:
            establishment = await get_list_held(tx, establishment_id)
            member = await self._get(tx, establishment_id, member_id)
            if version not in (None, member.version):
                raise StaffChanged
            await self.apply(tx, establishment, Edits(removed=[member]), by)

    async def warnings_of(self, facts: StaffFacts) -> tuple[Remark, ...]:
        """How facts differ from what the register says."""
        identifier = facts.practitioner_id
        known = (await self._practitioners.get_many([identifier])) if identifier else {}
        return compare(facts, known.get(identifier) if identifier else None)

    def new_member(self, establishment_id: OrganizationId, facts: StaffFacts, user_name: str = "") -> StaffMember:
        """Somebody who is not on the list yet.  Raises StaffRefused for a user name that is too long."""
        if len(user_name) > USER_NAME_LENGTH:
            raise StaffRefused(problems=USER_NAME)
        now = self._clock.now()
        return StaffMember(
            id=new_row_id(now, self._random_bytes),
            establishment_id=establishment_id,
            facts=facts,
            user_name=user_name,
            created_at=now,
            updated_at=now,
        )

    async def apply(self, tx: Transaction, establishment: Establishment, edits: Edits, by: str) -> None:
        """Make `edits` in `tx`, which holds the establishment.  Raises StaffExists, TooManyStaff, TooManyUnits."""
        now = self._clock.now()
        places = _Places(await unit_store.list_units(tx, establishment.id))
        await store.delete_members(tx, [member.id for member in edits.removed])
        if await store.count(tx, establishment.id) + len(edits.added) > MAX_STAFF:
            raise TooManyStaff(limit=MAX_STAFF)
        changed = [
            (before, self._placed(places, replace(after, version=before.version + 1)))
            for before, after in edits.changed
            if _differ(before, after)
        ]
        added = [self._placed(places, member) for member in edits.added]
        if not await unit_store.insert_units(tx, establishment.id, places.new):
            raise UnitExists
        written = [replace(after, updated_at=now) for _, after in changed]
        if not await store.update_members(tx, written):
            raise await self._conflict(tx, *written)
        if not await store.insert_members(tx, added):
            raise await self._conflict(tx, *added)
        events = [_Happened(member, StaffAct.ADDED, member.facts.place) for member in added]
        events += [event for before, after in changed for event in _compare(before, after)]
        events += [_Happened(member, StaffAct.REMOVED, member.facts.place) for member in edits.removed]
        if not events and not changed:
            return
        await store.insert_events(tx, [self._row(event, by) for event in events])
        for event in events:
            self._record(tx, event, by)
        await unit_store.bump_revision(tx, establishment)

    async def make_units(self, tx: Transaction, establishment: Establishment, wanted: Collection[StaffFacts]) -> None:
        """Those sites and departments that `wanted` names and that are not there; the establishment is held.

        Raises TooManyUnits, UnitExists.
        """
        places = _Places(await unit_store.list_units(tx, establishment.id))
        for facts in wanted:
            if facts.place:
                self._unit(places, facts.site, facts.department)
        if not await unit_store.insert_units(tx, establishment.id, places.new):
            raise UnitExists

    async def _parse(self, said: Mapping[StaffField, str], base: StaffFacts) -> tuple[StaffFacts, tuple[Remark, ...]]:
        parsed = parse_facts(said, base)
        if parsed.errors:
            raise StaffRefused(problems=in_words(parsed.errors))
        return parsed.facts, (*parsed.warnings, *await self.warnings_of(parsed.facts))

    async def _get(self, tx: Transaction, establishment_id: OrganizationId, member_id: str) -> StaffMember:
        units = await unit_store.list_units(tx, establishment_id)
        member = await store.find_member(tx, establishment_id, units, member_id)
        if member is None:
            raise StaffNotFound
        return member

    def _placed(self, places: "_Places", member: StaffMember) -> StaffMember:
        """In the unit that the facts name, a new one if there is none.  Raises TooManyUnits."""
        if not member.facts.place:
            return replace(member, unit_id="")
        unit = self._unit(places, member.facts.site, member.facts.department)
        return replace(member, unit_id=unit.id, facts=places.units.settle(member.facts))

    def _unit(self, places: "_Places", site: str, department: str) -> Unit:
        while (unit := places.units.resolve(site, department)) is None:
            parent = places.units.resolve(site, "") if site else None
            makes_site = bool(site) and parent is None
            if len(places.units.all) >= MAX_UNITS:
                raise TooManyUnits(limit=MAX_UNITS)
            new = Unit(
                new_row_id(self._clock.now(), self._random_bytes),
                UnitKind.SITE if makes_site else UnitKind.DEPARTMENT,
                site if makes_site else department,
                parent.id if parent else "",
            )
            places.new.append(new)
            places.units.add(new)
        return unit

    async def _conflict(self, tx: Transaction, *members: StaffMember) -> StaffExists:
        """Which number somebody else has."""
        for member in members:
            columns = {name: getattr(member.facts, name) for name in ("rpps", "adeli", "external_id")}
            for column, value in (columns | {"login": store.login_of(member)}).items():
                found = await store.find_by(tx, member.establishment_id, Units(()), column, value) if value else None
                if found is not None and found.id != member.id:
                    named = USER_NAME if column == "login" else StaffField(column).text
                    return StaffExists(field=named)
        return StaffExists(field=StaffField.RPPS.text)

    def _row(self, event: "_Happened", by: str) -> dict[str, Any]:
        now = self._clock.now()
        return {
            "id": new_row_id(now, self._random_bytes),
            "establishment_id": event.member.establishment_id,
            "member_id": event.member.id,
            "at": now,
            "actor": by[:100],
            "act": event.act.value,
            "detail": event.detail[:500],
        }

    def _record(self, tx: Transaction, event: "_Happened", by: str) -> None:
        identifier = event.member.facts.practitioner_id
        subject = Subject.practitioner(identifier) if identifier else Subject("staff", event.member.id)
        said = f"{event.member.establishment_id} {event.detail}"
        self._audit.append(tx, actor=by, act=f"staff.{event.act.value}", subject=subject, detail=said)


@dataclass(slots=True)
class _Places:
    """The units as they are while edits make more of them."""

    units: Units
    new: list[Unit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Happened:
    member: StaffMember
    act: StaffAct
    detail: str


def _differ(before: StaffMember, after: StaffMember) -> bool:
    return (before.facts, before.user_name) != (after.facts, after.user_name)


def _compare(before: StaffMember, after: StaffMember) -> list[_Happened]:
    """What happened to somebody, one act for each kind of change."""
    events = []
    place, shown = (StaffField.SITE, StaffField.DEPARTMENT), StaffField.IS_PUBLISHED
    names = [name for name in StaffField if getattr(before.facts, name) != getattr(after.facts, name)]
    if any(name in place for name in names):
        events.append(_Happened(after, StaffAct.MOVED, f"{before.facts.place or '–'} → {after.facts.place or '–'}"))
    if shown in names:
        events.append(_Happened(after, StaffAct.PUBLISHED if after.facts.is_published else StaffAct.HIDDEN, ""))
    if others := [name.value for name in names if name not in (*place, shown)]:
        events.append(_Happened(after, StaffAct.CHANGED, ", ".join(others)))
    return events


def in_words(remarks: Collection[Remark]) -> Text:
    """The sentences of remarks, one after the other."""
    said = {
        language: " ".join(remark.problem.text.in_(language, **remark.params) for remark in remarks)
        for language in Language
    }
    return Text(fr=said[Language.FR], en=said[Language.EN])
