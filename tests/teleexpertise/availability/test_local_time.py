from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from teleexpertise.availability.errors import UnknownZone
from teleexpertise.availability.local_time import first_instant, require_zone

PARIS = ZoneInfo("Europe/Paris")
ZONES = (
    "Europe/Paris",
    "Indian/Reunion",
    "America/Guadeloupe",
    "America/Miquelon",
    "Pacific/Noumea",
    "Pacific/Marquesas",  # -9:30
    "Africa/Cairo",  # changes at midnight
    "America/Santiago",  # the hour before midnight comes twice
    "Australia/Lord_Howe",  # by half an hour
    "Pacific/Kiritimati",  # +14
)
MINUTE = timedelta(minutes=1)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_an_ordinary_day() -> None:
    assert first_instant(date(2026, 11, 20), time(9), PARIS) == utc(2026, 11, 20, 8)
    assert first_instant(date(2026, 7, 20), time(9), PARIS) == utc(2026, 7, 20, 7)
    assert first_instant(date(2026, 7, 20), time(9), ZoneInfo("Indian/Reunion")) == utc(2026, 7, 20, 5)


@pytest.mark.parametrize("at", [time(2), time(2, 30), time(2, 59, 59, 500), time(3)])
def test_a_time_that_a_spring_night_skips_is_the_change(at: time) -> None:
    assert first_instant(date(2026, 3, 29), at, PARIS) == utc(2026, 3, 29, 1)


def test_a_time_that_an_autumn_night_shows_twice_is_its_first_showing() -> None:
    assert first_instant(date(2026, 10, 25), time(2, 30), PARIS) == utc(2026, 10, 25, 0, 30)
    assert first_instant(date(2026, 10, 25), time(3), PARIS) == utc(2026, 10, 25, 2)


def test_a_day_that_an_island_skipped_is_empty() -> None:
    apia = ZoneInfo("Pacific/Apia")
    skipped = date(2011, 12, 30)
    assert first_instant(skipped, time(9), apia) == first_instant(skipped, time(18), apia) == utc(2011, 12, 30, 10)


@given(
    st.sampled_from(ZONES),
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.integers(0, 24 * 60 - 1),
)
@example("Europe/Paris", date(2026, 3, 29), 150)
@example("Africa/Cairo", date(2026, 4, 24), 0)
@example("America/Santiago", date(2026, 4, 4), 23 * 60 + 30)
@example("America/Santiago", date(2026, 4, 5), 0)
@example("Australia/Lord_Howe", date(2026, 10, 4), 135)
@settings(max_examples=60, deadline=None)
def test_it_is_the_first_minute_whose_wall_clock_is_there(name: str, day: date, minutes: int) -> None:
    zone = ZoneInfo(name)
    wall = datetime.combine(day, time()) + minutes * MINUTE
    start = datetime.combine(day, time(), UTC) - timedelta(days=1)
    brute = next(
        instant
        for instant in (start + n * MINUTE for n in range(4 * 24 * 60))
        if instant.astimezone(zone).replace(tzinfo=None) >= wall
    )
    assert first_instant(day, wall.time(), zone) == brute


@pytest.mark.parametrize("name", ["", "Europe", "Europe/Lille", "../../etc/passwd", "/etc/passwd", "Paris\0"])
def test_a_name_that_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone):
        require_zone(name)
