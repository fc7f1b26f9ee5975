from datetime import UTC, datetime, timedelta

import pytest

from teleexpertise.availability import Opening
from teleexpertise.availability.calendars.errors import (
    CalendarRuleTooDense,
    CalendarTooHeavy,
    CalendarTooLarge,
    CalendarTooMany,
    CalendarUnreadable,
    CalendarZoneUnknown,
)
from teleexpertise.availability.calendars.model import Reading
from teleexpertise.availability.calendars.sandbox import MAX_BYTES, CalendarSandbox
from tests.teleexpertise.availability.calendars.ics import calendar, event

AFTER = datetime(2026, 11, 22, tzinfo=UTC)


async def read(data: bytes, sandbox: CalendarSandbox | None = None) -> Reading:
    return await (sandbox or CalendarSandbox()).read(data, "Europe/Paris", AFTER, AFTER + timedelta(weeks=13))


async def test_a_calendar_is_read_in_a_process_of_its_own() -> None:
    nine = datetime(2026, 11, 23, 8, tzinfo=UTC)
    assert await read(calendar(event())) == Reading((Opening(nine, nine + timedelta(hours=1)),), 1, 0)


async def test_each_refusal_says_what_to_do() -> None:
    with pytest.raises(CalendarZoneUnknown) as zone:
        await read(calendar(event(zone="Mars/Olympus")))
    assert "« Mars/Olympus »" in zone.value.sentence()
    with pytest.raises(CalendarRuleTooDense) as rule:
        await read(calendar(event("20261123T090000", "20261123T100000", "RRULE:FREQ=SECONDLY")))
    assert "FREQ=SECONDLY" in rule.value.sentence()
    with pytest.raises(CalendarUnreadable):
        await read(b"%PDF-1.7")


async def test_a_hundred_thousand_events_and_ten_megabytes_are_refused() -> None:
    with pytest.raises(CalendarTooMany) as many:
        await read(b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 100_000)
    assert "5000" in many.value.sentence().replace("\u202f", "")
    with pytest.raises(CalendarTooLarge) as large:
        await read(b" " * 2 * MAX_BYTES)
    assert "5 Mo" in large.value.sentence()


async def test_a_bomb_that_passes_every_count_is_stopped() -> None:
    """COUNT with a day that never comes is searched until the year 9999, event after event."""
    rule = "RRULE:FREQ=DAILY;COUNT=9;BYMONTH=2;BYMONTHDAY=30"
    bomb = calendar(*(event("20261123T090000", "20261123T100000", rule, uid=str(number)) for number in range(500)))
    with pytest.raises(CalendarTooHeavy):
        await read(bomb, CalendarSandbox(timeout_s=1.5))
