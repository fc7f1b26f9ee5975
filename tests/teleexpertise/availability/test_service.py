import asyncio
from datetime import date, time

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId
from miss.storage import Database
from teleexpertise.availability import Availabilities, Availability, DayException, Leave, Slot, Territory, WeeklySlot
from teleexpertise.availability.errors import BadLimit, CalendarFull, NothingToUndo
from teleexpertise.availability.service import MAX_LINES

CAROL, DAVID = PractitionerId("carol"), PractitionerId("david")
TUESDAY = WeeklySlot(1, time(9), time(12), "Indian/Reunion")
ALL_SAINTS = Leave(date(2026, 10, 17), date(2026, 11, 1))
FRIDAY = date(2026, 11, 20)


@pytest.fixture
def availabilities(db: Database, clock: MovableClock) -> Availabilities:
    return Availabilities(db, clock)


async def test_whoever_declared_nothing_has_an_empty_calendar(availabilities: Availabilities) -> None:
    assert await availabilities.get(CAROL) == Availability()


async def test_a_week_is_replaced_whole_and_the_rest_stays(availabilities: Availabilities) -> None:
    await availabilities.add_leave(CAROL, ALL_SAINTS)
    await availabilities.replace_week(CAROL, [TUESDAY, WeeklySlot(2, time(9), time(12), "Europe/Paris")])
    changed = await availabilities.replace_week(CAROL, [TUESDAY], Territory.LA_REUNION)
    assert changed == Availability((TUESDAY,), (ALL_SAINTS,), (), Territory.LA_REUNION)
    assert await availabilities.get(CAROL) == changed


async def test_leave_is_added_once_and_taken_back(availabilities: Availabilities) -> None:
    await availabilities.add_leave(CAROL, ALL_SAINTS)
    assert (await availabilities.add_leave(CAROL, ALL_SAINTS)).leaves == (ALL_SAINTS,)
    assert (await availabilities.remove_leave(CAROL, ALL_SAINTS)).leaves == ()
    assert (await availabilities.get(CAROL)).leaves == ()


async def test_one_exception_a_day(availabilities: Availabilities) -> None:
    later = DayException(FRIDAY, (Slot(time(14), time(15), "Europe/Paris"),))
    other_day = DayException(date(2026, 11, 21))
    await availabilities.put_exception(CAROL, DayException(FRIDAY))
    await availabilities.put_exception(CAROL, other_day)
    assert (await availabilities.put_exception(CAROL, later)).exceptions == (other_day, later)
    assert (await availabilities.remove_exception(CAROL, FRIDAY)).exceptions == (other_day,)
    assert (await availabilities.get(CAROL)).exceptions == (other_day,)


async def test_many_calendars_at_once(availabilities: Availabilities, db: Database) -> None:
    await availabilities.replace_week(CAROL, [TUESDAY])
    async with db.snapshot() as tx:
        loaded = await availabilities.load(tx, [CAROL, DAVID])
    assert loaded == {CAROL: Availability((TUESDAY,)), DAVID: Availability()}


async def test_changes_at_the_same_time_are_all_kept(availabilities: Availabilities) -> None:
    days = [date(2026, 12, day) for day in range(1, 11)]
    await asyncio.gather(*(availabilities.add_leave(CAROL, Leave(day, day)) for day in days))
    assert {leave.first_day for leave in (await availabilities.get(CAROL)).leaves} == {*days}


async def test_a_calendar_has_a_limit_and_keeps_what_it_had(availabilities: Availabilities) -> None:
    await availabilities.add_leave(CAROL, ALL_SAINTS)
    with pytest.raises(CalendarFull):
        await availabilities.replace_week(CAROL, [TUESDAY] * MAX_LINES)
    assert (await availabilities.get(CAROL)).weekly == ()


async def test_the_last_change_is_undone_and_done_again(availabilities: Availabilities) -> None:
    with pytest.raises(NothingToUndo):
        await availabilities.undo(CAROL)
    await availabilities.replace_week(CAROL, [TUESDAY])
    assert await availabilities.undo(CAROL) == Availability(), "a first week too"
    assert (await availabilities.undo(CAROL)).weekly == (TUESDAY,)
    await availabilities.add_leave(CAROL, ALL_SAINTS)
    assert await availabilities.undo(CAROL) == Availability((TUESDAY,))
    assert await availabilities.get(CAROL) == Availability((TUESDAY,))


async def test_limits_are_part_of_the_calendar(availabilities: Availabilities) -> None:
    await availabilities.limit(CAROL, cap=2, weekly_quota=None)
    changed = await availabilities.replace_week(CAROL, [TUESDAY])
    assert (changed.cap, changed.weekly_quota) == (2, None)
    with pytest.raises(BadLimit):
        await availabilities.limit(CAROL, cap=0, weekly_quota=None)


async def test_every_change_is_told(availabilities: Availabilities) -> None:
    told: list[PractitionerId] = []

    async def listen(practitioner_id: PractitionerId) -> None:
        told.append(practitioner_id)

    availabilities.add_listener(listen)
    await availabilities.replace_week(CAROL, [TUESDAY])
    await availabilities.add_leave(CAROL, ALL_SAINTS)
    await availabilities.remove_leave(CAROL, ALL_SAINTS)
    await availabilities.put_exception(CAROL, DayException(FRIDAY))
    await availabilities.remove_exception(CAROL, FRIDAY)
    await availabilities.limit(CAROL, cap=1, weekly_quota=1)
    await availabilities.undo(CAROL)
    assert told == [CAROL] * 7
