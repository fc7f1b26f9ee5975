"""What the calendars of experts tell: requesters, the experts themselves, and their software."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from miss.base.ids import PoolId, PractitionerId
from miss.directory.practitioners import Practitioner
from miss.directory.preferences import NotificationLevel
from miss.storage import Transaction
from teleexpertise.availability import Availabilities, Availability
from teleexpertise.availability.calendars.feed import Deadline, compose_feed
from teleexpertise.availability.calendars.model import ImportedCalendar
from teleexpertise.availability.calendars.service import Calendars
from teleexpertise.dispatch import Member, Pool
from teleexpertise.dispatch.policies import take
from teleexpertise.letters.to_expert import calendar_fails
from teleexpertise.planning import store
from teleexpertise.planning.model import LOOK_BACK, Expectation, expect
from teleexpertise.requests import store as request_store
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.routing.service import origin_of

log = structlog.get_logger("teleexpertise.planning")

FEED_WEEKS = 8
HOUSE_ZONE = "Europe/Paris"
"""Of an expert who has said nothing yet and is in no pool."""


@dataclass(frozen=True, slots=True)
class Place:
    """One pool of an expert, and their place in it."""

    pool: Pool
    member: Member


@dataclass(frozen=True, slots=True)
class Plan:
    """The calendar of one expert, as they declared it and as it counts."""

    declared: Availability
    """On the pages of this service."""
    counts: Availability
    """With the absences of « Mon compte », imported calendars, and the hours of the first pool if no week is drawn."""
    places: tuple[Place, ...]
    zone: str
    """IANA name: the expert's own, else their pool's."""


class Planning:
    """Reads calendars on behalf of people."""

    def __init__(self, parts: Parts, availabilities: Availabilities, calendars: Calendars) -> None:
        self._parts = parts
        self._availabilities = availabilities
        self._calendars = calendars
        calendars.on_failing(self._tell_failing)

    async def expected_answer(self, pool: Pool, now: datetime) -> Expectation | None:
        """When an answer to what is asked at `now` may come; None: nobody of the pool has a slot."""
        async with self._parts.db.snapshot() as tx:
            return await self._expected(tx, pool, now)

    async def expected_of_pool(self, pool_id: PoolId, asked_at: datetime) -> Expectation | None:
        """The same of a pool by its identifier.  Raises PoolUnknown."""
        async with self._parts.db.snapshot() as tx:
            return await self._expected(tx, await self._parts.dispatch.get_pool(tx, pool_id), asked_at)

    async def expected_by_form(
        self, forms: Iterable[str], requester: Practitioner, now: datetime
    ) -> Mapping[str, Expectation | None]:
        """The same for each form, by its identifier, of the pool that would receive what they ask; forms without a
        pool are left out."""
        found = {}
        async with self._parts.db.snapshot() as tx:
            for form in forms:
                taken = take(await self._parts.pools.list_takers(tx, form), origin_of(requester))
                if taken is not None:
                    found[form] = await self._expected(tx, taken[0].pool, now)
        return found

    async def plan(self, practitioner_id: PractitionerId) -> Plan:
        """The calendar of one expert."""
        declared = await self._availabilities.get(practitioner_id)
        now, places = self._parts.clock.now(), []
        async with self._parts.db.snapshot() as tx:
            counts = (await self._availabilities.load(tx, [practitioner_id]))[practitioner_id]
            _, joined = await self._parts.dispatch.list_places(tx, practitioner_id)
            for pool_id in joined:
                pool = await self._parts.dispatch.get_pool(tx, pool_id)
                members = await self._parts.dispatch.list_members(tx, pool, now)
                places += [Place(pool, one) for one in members if one.practitioner_id == practitioner_id]
        if places:
            counts = counts.following(places[0].pool.hours)
        return Plan(declared, counts, tuple(places), _zone(declared, places))

    async def feed(self, practitioner_id: PractitionerId) -> bytes:
        """Their own calendar, for their own software."""
        plan, now = await self.plan(practitioner_id), self._parts.clock.now()
        async with self._parts.db.snapshot() as tx:
            held = [stored.request for stored in await request_store.list_held(tx, practitioner_id)]
        platform = self._parts.platform
        return compose_feed(
            plan.counts.openings(now, now + timedelta(weeks=FEED_WEEKS)),
            [leave for leave in plan.counts.leaves if leave.last_day >= now.date()],
            [
                Deadline(one.number, one.sent.deadline_at, platform.link(f"/teleexpertise/demandes/{one.number}"))
                for one in held
                if one.sent is not None
            ],
            domain=platform.domain,
            now=now,
        )

    async def _expected(self, tx: Transaction, pool: Pool, now: datetime) -> Expectation | None:
        members = await self._parts.dispatch.list_members(tx, pool, now)
        worked = await store.list_working_times(tx, pool, now - LOOK_BACK)
        return expect(pool, [one.availability for one in members if one.terms.active], worked, now)

    async def _tell_failing(self, tx: Transaction, calendar: ImportedCalendar) -> None:
        parts, owner = self._parts, await self._parts.practitioners.get(calendar.practitioner_id, tx)
        to = correspondent(owner)
        if to is None:
            log.warning("expert.no_mailbox", practitioner=owner.id)
            return
        if await parts.preferences.level_of(tx, owner.id) is NotificationLevel.NONE:
            return
        mail = calendar_fails(
            parts.platform, to, calendar_id=calendar.id, name=calendar.name, problem=calendar.problem,
            read_at=calendar.read_at, tries=calendar.failures, tried_at=calendar.tried_at or parts.clock.now(),
        )  # fmt: skip
        await parts.outbox.enqueue(tx, mail, about=f"calendar:{calendar.id}")


def _zone(declared: Availability, places: Iterable[Place]) -> str:
    zones = [slot.zone for slot in declared.weekly]
    zones += [slot.zone for exception in declared.exceptions for slot in exception.slots]
    zones += [place.pool.zone for place in places]
    return next(iter(zones), HOUSE_ZONE)
