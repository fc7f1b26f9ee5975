from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teleexpertise.availability.errors import BadLeave, BadLimit, BadSlot, UnknownZone
from teleexpertise.availability.holidays import Territory
from teleexpertise.availability.model import (
    Availability,
    DayException,
    Leave,
    Opening,
    Slot,
    WeeklySlot,
    availability_from_json,
    availability_to_json,
    merged,
    without,
)

PARIS, REUNION = "Europe/Paris", "Indian/Reunion"
DAY = timedelta(days=1)
NINE_TO_NOON = tuple(WeeklySlot(weekday, time(9), time(12), PARIS) for weekday in range(5))
WEEK = Availability(NINE_TO_NOON)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def on(availability: Availability, day: date) -> list[Opening]:
    """Openings of one UTC day."""
    midnight = datetime.combine(day, time(), UTC)
    return list(availability.openings(midnight, midnight + DAY))


# --- slots


@pytest.mark.parametrize(("start", "end"), [(time(12), time(9)), (time(9), time(9)), (time(9, tzinfo=UTC), time(10))])
def test_a_slot_that_does_not_last_is_refused(start: time, end: time) -> None:
    with pytest.raises(BadSlot):
        Slot(start, end, PARIS)


def test_a_weekly_slot_is_checked_as_any_other() -> None:
    with pytest.raises(BadSlot):
        WeeklySlot(0, time(12), time(9), PARIS)
    with pytest.raises(UnknownZone):
        WeeklySlot(0, time(9), time(12), "Europe/Lille")
    with pytest.raises(ValueError, match="weekday"):
        WeeklySlot(7, time(9), time(12), PARIS)


def test_a_week_is_in_local_time_winter_and_summer() -> None:
    assert on(WEEK, date(2026, 11, 20)) == [Opening(utc(2026, 11, 20, 8), utc(2026, 11, 20, 11))]
    assert on(WEEK, date(2026, 7, 20)) == [Opening(utc(2026, 7, 20, 7), utc(2026, 7, 20, 10))]
    assert on(WEEK, date(2026, 11, 21)) == []


def test_la_reunion_opens_before_lille_and_keeps_its_hours_all_year() -> None:
    reunion = Availability((WeeklySlot(0, time(9), time(12), REUNION),))
    assert on(reunion, date(2026, 7, 20)) == [Opening(utc(2026, 7, 20, 5), utc(2026, 7, 20, 8))]
    assert on(reunion, date(2026, 11, 23)) == [Opening(utc(2026, 11, 23, 5), utc(2026, 11, 23, 8))]


def test_slots_that_meet_at_midnight_are_one_night() -> None:
    night = Availability((WeeklySlot(4, time(20), time(0), PARIS), WeeklySlot(5, time(0), time(8), PARIS)))
    openings = list(night.openings(utc(2026, 11, 20), utc(2026, 11, 23)))
    assert openings == [Opening(utc(2026, 11, 20, 19), utc(2026, 11, 21, 7))]


def test_slots_that_overlap_or_hold_one_another_are_one() -> None:
    long, inside, over = (WeeklySlot(4, time(start), time(end), PARIS) for start, end in ((9, 12), (10, 11), (11, 14)))
    assert on(Availability((long, inside)), date(2026, 11, 20)) == on(Availability((long,)), date(2026, 11, 20))
    assert on(Availability((over, long)), date(2026, 11, 20)) == [Opening(utc(2026, 11, 20, 8), utc(2026, 11, 20, 13))]


def test_the_night_when_clocks_go_forward_is_an_hour_shorter_and_back_an_hour_longer() -> None:
    night = Availability((WeeklySlot(6, time(0), time(8), PARIS),))
    (spring,) = night.openings(utc(2026, 3, 28), utc(2026, 3, 30))
    (autumn,) = night.openings(utc(2026, 10, 24), utc(2026, 10, 26))
    assert (spring.end - spring.start, autumn.end - autumn.start) == (timedelta(hours=7), timedelta(hours=9))


def test_a_slot_inside_the_skipped_hour_is_nothing() -> None:
    skipped = Availability((WeeklySlot(6, time(2, 15), time(2, 45), PARIS),))
    assert list(skipped.openings(utc(2026, 3, 28), utc(2026, 3, 31))) == []
    assert len(list(skipped.openings(utc(2026, 3, 21), utc(2026, 3, 24)))) == 1


# --- precedence: exceptions > leave > holidays > weekly slots


def test_leave_closes_whole_local_days_both_ends_included() -> None:
    away = replace(WEEK, leaves=(Leave(date(2026, 11, 17), date(2026, 11, 19)),))
    open_days = {opening.start.day for opening in away.openings(utc(2026, 11, 16), utc(2026, 11, 21))}
    assert open_days == {16, 20}


def test_a_holiday_closes_and_is_that_of_the_territory() -> None:
    abolition = date(2027, 12, 20)  # a Monday
    reunion = Availability((WeeklySlot(0, time(9), time(12), REUNION),), territory=Territory.LA_REUNION)
    assert on(reunion, abolition) == []
    assert on(replace(reunion, territory=Territory.METROPOLE), abolition) != []
    assert on(WEEK, date(2026, 5, 1)) == []
    assert on(replace(WEEK, territory=None), date(2026, 5, 1)) != []


def test_an_exception_opens_a_holiday_and_a_day_of_leave() -> None:
    labour_day = date(2026, 5, 1)
    away = replace(WEEK, leaves=(Leave(labour_day, labour_day),))
    opened = replace(away, exceptions=(DayException(labour_day, (Slot(time(14), time(15), PARIS),)),))
    assert on(away, labour_day) == []
    assert on(opened, labour_day) == [Opening(utc(2026, 5, 1, 12), utc(2026, 5, 1, 13))]


def test_an_exception_replaces_the_week_or_closes_the_day() -> None:
    friday = date(2026, 11, 20)
    shifted = replace(WEEK, exceptions=(DayException(friday, (Slot(time(14), time(15), PARIS),)),))
    closed = replace(WEEK, exceptions=(DayException(friday),))
    assert on(shifted, friday) == [Opening(utc(2026, 11, 20, 13), utc(2026, 11, 20, 14))]
    assert on(closed, friday) == []


def test_a_leave_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BadLeave):
        Leave(date(2026, 11, 20), date(2026, 11, 19))


# --- questions


def test_is_open_at_the_start_and_not_at_the_end() -> None:
    assert WEEK.is_open(utc(2026, 11, 20, 8))
    assert WEEK.is_open(utc(2026, 11, 20, 10, 59))
    assert not WEEK.is_open(utc(2026, 11, 20, 11))
    assert not WEEK.is_open(utc(2026, 11, 20, 7, 59))


def test_the_next_opening_is_now_or_later_and_before_the_bound() -> None:
    assert WEEK.next_opening(utc(2026, 11, 20, 10), utc(2026, 11, 30)) == utc(2026, 11, 20, 10)
    assert WEEK.next_opening(utc(2026, 11, 20, 11), utc(2026, 11, 30)) == utc(2026, 11, 23, 8)
    assert WEEK.next_opening(utc(2026, 11, 20, 11), utc(2026, 11, 23, 8)) is None
    assert WEEK.next_opening(utc(2026, 11, 20, 10), utc(2026, 11, 20, 9)) is None
    assert Availability().next_opening(utc(2026, 11, 20), utc(2027, 11, 20)) is None


def test_the_first_opening_of_a_year_is_found_without_the_rest_of_it() -> None:
    days: list[date] = []

    class Watched(tuple):  # type: ignore[type-arg]
        def __iter__(self) -> Iterator[object]:
            days.append(date.min)
            return super().__iter__()

    Availability(Watched(NINE_TO_NOON)).next_opening(utc(2026, 11, 20, 9), utc(2027, 11, 20))
    assert len(days) < 8


# --- whoever declared nothing


def test_without_a_week_the_hours_of_the_pool_are_kept() -> None:
    assert Availability().following(WEEK) == WEEK
    own = Availability((WeeklySlot(5, time(9), time(10), PARIS),))
    assert own.following(WEEK) == own


def test_without_a_week_leave_and_exceptions_of_ones_own_still_count() -> None:
    saturday = date(2026, 11, 21)
    pool = replace(WEEK, exceptions=(DayException(saturday, (Slot(time(9), time(12), PARIS),)),))
    assert on(Availability().following(pool), saturday) != []
    on_leave = Availability(leaves=(Leave(date(2026, 11, 20), saturday),)).following(pool)
    assert on(on_leave, date(2026, 11, 20)) == []
    assert on(on_leave, saturday) == []
    early = Availability(exceptions=(DayException(saturday, (Slot(time(7), time(8), PARIS),)),)).following(pool)
    assert on(early, saturday) == [Opening(utc(2026, 11, 21, 6), utc(2026, 11, 21, 7))]


# --- properties

ZONES = st.sampled_from([PARIS, REUNION, "America/Miquelon", "Pacific/Kiritimati", "Africa/Cairo", "America/Santiago"])
HALF_HOURS = st.integers(0, 47).map(lambda n: time(n // 2, 30 * (n % 2)))
DAYS = st.dates(date(2026, 3, 1), date(2026, 4, 30))


@st.composite
def slots(draw: st.DrawFn) -> Slot:
    start, end = sorted(draw(st.lists(HALF_HOURS, min_size=2, max_size=2, unique=True)))
    return Slot(start, draw(st.sampled_from([end, time(0)])), draw(ZONES))


@st.composite
def availabilities(draw: st.DrawFn) -> Availability:
    weekly = draw(st.lists(st.tuples(st.integers(0, 6), slots()), max_size=6))
    leaves = draw(st.lists(st.tuples(DAYS, st.integers(0, 9)), max_size=2))
    exceptions = draw(st.dictionaries(DAYS, st.lists(slots(), max_size=2), max_size=3))
    return Availability(
        tuple(WeeklySlot(weekday, slot.start, slot.end, slot.zone) for weekday, slot in weekly),
        tuple(Leave(day, day + length * DAY) for day, length in leaves),
        tuple(DayException(day, tuple(of_day)) for day, of_day in exceptions.items()),
        draw(st.sampled_from([None, *Territory])),
    )


@st.composite
def instants(draw: st.DrawFn) -> datetime:
    return utc(2026, 3, 5) + timedelta(minutes=draw(st.integers(0, 50 * 24 * 60)))


@given(availabilities(), instants(), st.integers(0, 40 * 24 * 60), st.integers(0, 40 * 24 * 60))
@settings(max_examples=80, deadline=None)
def test_openings_are_ordered_apart_and_the_same_however_asked(
    availability: Availability, start: datetime, first: int, second: int
) -> None:
    middle, end = (start + timedelta(minutes=minutes) for minutes in sorted((first, second)))
    whole = list(availability.openings(start, end))
    assert all(start <= opening.start < opening.end <= end for opening in whole)
    assert all(one.end < next_one.start for one, next_one in pairwise(whole))
    halves = [*availability.openings(start, middle), *availability.openings(middle, end)]
    joined: list[Opening] = []
    for opening in halves:
        if joined and joined[-1].end == opening.start == middle:
            opening = Opening(joined.pop().start, opening.end)
        joined.append(opening)
    assert joined == whole


@given(availabilities(), instants())
@settings(max_examples=150, deadline=None)
def test_open_means_that_the_wall_clock_is_in_a_slot_of_its_day(availability: Availability, at: datetime) -> None:
    """Away from the hours around a change of clocks, the rule can be read from the wall clock alone."""
    candidates: list[tuple[int | None, date | None, Slot]] = [(w.weekday, None, w.slot) for w in availability.weekly]
    candidates += [(None, e.day, slot) for e in availability.exceptions for slot in e.slots]
    exceptional = {exception.day for exception in availability.exceptions}
    expected = False
    for weekday, day, slot in candidates:
        local = at.astimezone(ZoneInfo(slot.zone))
        if (local - DAY).utcoffset() != (local + DAY).utcoffset():
            return
        inside = slot.start <= local.time() and (local.time() < slot.end or slot.end == time(0))
        free = not any(local.date() in leave for leave in availability.leaves) and not _holiday(
            availability, local.date()
        )
        by_week = weekday == local.weekday() and free and local.date() not in exceptional
        expected |= inside and (by_week or day == local.date())
    assert availability.is_open(at) == expected


def _holiday(availability: Availability, day: date) -> bool:
    """April 2026, spelled out: Easter is the 5th."""
    common = day == date(2026, 4, 6)
    friday = availability.territory in {Territory.ALSACE_MOSELLE, Territory.GUADELOUPE, Territory.POLYNESIE}
    others = {
        (Territory.MAYOTTE, date(2026, 4, 27)),
        (Territory.WALLIS_ET_FUTUNA, date(2026, 4, 28)),
        (Territory.GUADELOUPE, date(2026, 3, 12)),
        (Territory.POLYNESIE, date(2026, 3, 5)),
    }
    keeps = availability.territory is not None
    return keeps and (common or (friday and day == date(2026, 4, 3)) or (availability.territory, day) in others)


@given(availabilities())
@settings(max_examples=50, deadline=None)
def test_a_calendar_survives_its_json(availability: Availability) -> None:
    assert availability_from_json(availability_to_json(availability)) == availability


def test_what_is_stored_is_local_time_and_zone() -> None:
    stored = availability_to_json(Availability((WeeklySlot(1, time(9), time(12), REUNION),)))
    assert stored["weekly"] == [{"weekday": 1, "start": "09:00:00", "end": "12:00:00", "zone": REUNION}]


def test_appointments_cut_openings_whatever_rule_made_them() -> None:
    """Of imported calendars: neither the week nor an exception opens somebody who is elsewhere."""
    nine = datetime(2026, 11, 23, 8, tzinfo=UTC)  # Monday, in Paris
    saturday = nine + timedelta(days=5)
    busy = tuple(Opening(start + timedelta(hours=1), start + timedelta(hours=2)) for start in (nine, saturday))
    declared = Availability(
        (WeeklySlot(0, time(9), time(12), "Europe/Paris"),),
        exceptions=(DayException(saturday.date(), (Slot(time(9), time(12), "Europe/Paris"),)),),
        busy=busy,
    )
    week = list(declared.openings(nine, nine + timedelta(days=6)))
    hours = [(opening.start, opening.end - opening.start) for opening in week]
    assert hours == [
        (nine, timedelta(hours=1)), (nine + timedelta(hours=2), timedelta(hours=1)),
        (saturday, timedelta(hours=1)), (saturday + timedelta(hours=2), timedelta(hours=1)),
    ]  # fmt: skip
    assert availability_from_json(availability_to_json(declared)) == replace(declared, busy=())
    following = Availability(busy=busy).following(Availability(declared.weekly))
    assert not following.is_open(nine + timedelta(minutes=90)), "who follows the pool's hours keeps their appointments"


@given(
    openings=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 40)), max_size=12),
    busy=st.lists(st.tuples(st.integers(0, 300), st.integers(1, 40)), max_size=12),
)
@settings(max_examples=60)
def test_without_is_the_difference_minute_by_minute(
    openings: list[tuple[int, int]], busy: list[tuple[int, int]]
) -> None:
    start = datetime(2026, 11, 23, tzinfo=UTC)

    def spans(pairs: list[tuple[int, int]]) -> list[Opening]:
        return merged(
            Opening(start + timedelta(minutes=at), start + timedelta(minutes=at + length)) for at, length in pairs
        )

    def minute_of(at: datetime) -> int:
        return round((at - start).total_seconds()) // 60

    def minutes(found: Iterable[Opening]) -> set[int]:
        return {minute for one in found for minute in range(minute_of(one.start), minute_of(one.end))}

    left = list(without(spans(openings), spans(busy)))
    assert minutes(left) == minutes(spans(openings)) - minutes(spans(busy))
    assert left == sorted(left)


@pytest.mark.parametrize("limits", [{"cap": 0}, {"weekly_quota": -1}])
def test_a_limit_is_at_least_one(limits: dict[str, int]) -> None:
    with pytest.raises(BadLimit):
        Availability(**limits)  # type: ignore[arg-type]
