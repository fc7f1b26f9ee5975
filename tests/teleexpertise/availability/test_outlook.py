from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from teleexpertise.availability import Availability, DayException, Leave, Opening, Slot, Territory, WeeklySlot
from teleexpertise.availability.outlook import DayKind, DayOutlook, look_ahead

PARIS, REUNION = ZoneInfo("Europe/Paris"), ZoneInfo("Indian/Reunion")
NINE, NOON = time(9), time(12)
WEEK = tuple(WeeklySlot(day, NINE, NOON, "Europe/Paris") for day in range(5))


def test_each_day_says_which_rule_decided_it() -> None:
    declared = Availability(
        WEEK,
        leaves=(Leave(date(2026, 12, 21), date(2026, 12, 27)),),
        exceptions=(
            DayException(date(2026, 12, 24), (Slot(time(14), time(0), "Europe/Paris"),)),
            DayException(date(2027, 1, 4)),
        ),
        territory=Territory.ALSACE_MOSELLE,
    )
    days = {one.day: one for one in look_ahead(declared, PARIS, date(2026, 12, 18), 21)}
    assert days[date(2026, 12, 18)] == DayOutlook(date(2026, 12, 18), DayKind.WEEK, ((NINE, NOON),))
    assert days[date(2026, 12, 19)] == DayOutlook(date(2026, 12, 19), DayKind.WEEK, ())
    assert days[date(2026, 12, 22)] == DayOutlook(date(2026, 12, 22), DayKind.LEAVE, ())
    assert days[date(2026, 12, 24)] == DayOutlook(date(2026, 12, 24), DayKind.EXCEPTION, ((time(14), time(0)),))
    assert days[date(2027, 1, 1)] == DayOutlook(date(2027, 1, 1), DayKind.HOLIDAY, ())
    assert days[date(2027, 1, 4)] == DayOutlook(date(2027, 1, 4), DayKind.EXCEPTION, ())


def test_appointments_cut_what_is_open_and_are_named() -> None:
    ten = datetime(2026, 11, 23, 9, tzinfo=UTC)
    declared = Availability(WEEK, busy=(Opening(ten, ten + timedelta(hours=1)),))
    monday, tuesday = look_ahead(declared, PARIS, date(2026, 11, 23), 2)
    assert monday.hours == ((NINE, time(10)), (time(11), NOON))
    assert (monday.is_cut, tuesday.is_cut) == (True, False)


def test_hours_are_shown_on_the_clock_that_was_asked_for() -> None:
    [monday] = look_ahead(Availability(WEEK), REUNION, date(2026, 11, 23), 1)
    assert monday.hours == ((NOON, time(15)),)
