"""Experts change their calendar; dispatch reads those of a pool.

Every change returns the whole calendar as it now stands, keeps the one before (`undo`), and is told to listeners: it
may open somebody for a request that waits, which this room knows nothing of.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy.exc import IntegrityError

from miss.base.clock import Clock
from miss.base.ids import PractitionerId
from miss.directory.absence import Absences
from miss.storage import Database, Transaction
from teleexpertise.availability import store
from teleexpertise.availability.errors import CalendarFull, NothingToUndo
from teleexpertise.availability.holidays import Territory
from teleexpertise.availability.model import Availability, DayException, Leave, WeeklySlot

MAX_LINES = 1000
"""Weekly slots, leaves and exceptions together; a calendar is read under a pool's lock and must stay small."""

OnChange = Callable[[PractitionerId], Awaitable[None]]
"""Called once the calendar of somebody has changed."""


class Availabilities:
    """The calendars of experts."""

    def __init__(self, db: Database, clock: Clock, absences: Absences | None = None) -> None:
        """`absences`: those that people declare on « Mon compte » count as leave."""
        self._db = db
        self._clock = clock
        self._absences = absences
        self._listeners: list[OnChange] = []

    def add_listener(self, listener: OnChange) -> None:
        """Have `listener` called after each change."""
        self._listeners.append(listener)

    async def tell(self, practitioner_id: PractitionerId) -> None:
        """Somebody's calendar has changed: here, or in a calendar that is imported."""
        for listener in self._listeners:
            await listener(practitioner_id)

    async def get(self, practitioner_id: PractitionerId) -> Availability:
        """What the expert declared on these pages; an empty availability if nothing."""
        async with self._db.snapshot() as tx:
            return (await store.load(tx, [practitioner_id]))[practitioner_id]

    async def load(
        self, tx: Transaction, practitioner_ids: Collection[PractitionerId]
    ) -> Mapping[PractitionerId, Availability]:
        """What counts for each of them, inside the caller's transaction: declared here and on « Mon compte », and the
        appointments of the calendars they import."""
        declared = await store.load_with_busy(tx, practitioner_ids)
        if self._absences is not None:
            for who, absences in (await self._absences.load(tx, practitioner_ids)).items():
                away = tuple(Leave(absence.first_day, absence.last_day) for absence in absences)
                declared[who] = replace(declared[who], leaves=declared[who].leaves + away)
        return declared

    async def replace_week(
        self,
        practitioner_id: PractitionerId,
        weekly: Iterable[WeeklySlot],
        territory: Territory | None = Territory.METROPOLE,
    ) -> Availability:
        """Draw the week anew, and say whose public holidays are kept; no slot: follow the pool's hours."""
        slots = tuple(weekly)
        return await self._change(practitioner_id, lambda old: replace(old, weekly=slots, territory=territory))

    async def add_leave(self, practitioner_id: PractitionerId, leave: Leave) -> Availability:
        """Be away; the same leave twice is one."""
        return await self._change(
            practitioner_id, lambda old: replace(old, leaves=(*(kept for kept in old.leaves if kept != leave), leave))
        )

    async def remove_leave(self, practitioner_id: PractitionerId, leave: Leave) -> Availability:
        """Take that leave back; nothing happens if there is none."""
        return await self._change(
            practitioner_id, lambda old: replace(old, leaves=tuple(kept for kept in old.leaves if kept != leave))
        )

    async def put_exception(self, practitioner_id: PractitionerId, exception: DayException) -> Availability:
        """Say how one day is; replaces what was said of that day before."""
        return await self._change(
            practitioner_id, lambda old: replace(old, exceptions=(*_other_days(old, exception.day), exception))
        )

    async def remove_exception(self, practitioner_id: PractitionerId, day: date) -> Availability:
        """Make that day like the others again; nothing happens if it is."""
        return await self._change(practitioner_id, lambda old: replace(old, exceptions=_other_days(old, day)))

    async def limit(
        self, practitioner_id: PractitionerId, *, cap: int | None, weekly_quota: int | None
    ) -> Availability:
        """Take less than a pool's terms allow, never more; None: what they say.  Raises BadLimit."""
        return await self._change(practitioner_id, lambda old: replace(old, cap=cap, weekly_quota=weekly_quota))

    async def undo(self, practitioner_id: PractitionerId) -> Availability:
        """Go back to the calendar before the last change; again: forth.  Raises NothingToUndo."""
        async with self._db.transaction() as tx:
            # The row is held first, so that what is put back is what the last change replaced.
            await store.lock(tx, practitioner_id)
            previous = await store.find_previous(tx, practitioner_id)
            if previous is None:
                raise NothingToUndo
            await store.replace(tx, practitioner_id, previous, self._clock.now())
        await self.tell(practitioner_id)
        return previous

    async def _change(
        self, practitioner_id: PractitionerId, change: Callable[[Availability], Availability]
    ) -> Availability:
        try:
            changed = await self._change_once(practitioner_id, change)
        except IntegrityError:
            # Two first declarations at once: the other one stands now, this one is made on top of it.
            changed = await self._change_once(practitioner_id, change)
        await self.tell(practitioner_id)
        return changed

    async def _change_once(
        self, practitioner_id: PractitionerId, change: Callable[[Availability], Availability]
    ) -> Availability:
        async with self._db.transaction() as tx:
            held = await store.lock(tx, practitioner_id)
            changed = change(held or Availability())
            if len(changed.weekly) + len(changed.leaves) + len(changed.exceptions) > MAX_LINES:
                raise CalendarFull(limit=MAX_LINES)
            write = store.insert if held is None else store.replace
            await write(tx, practitioner_id, changed, self._clock.now())
        return changed


def _other_days(availability: Availability, day: date) -> tuple[DayException, ...]:
    return tuple(kept for kept in availability.exceptions if kept.day != day)
