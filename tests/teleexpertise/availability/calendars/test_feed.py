from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Calendar

from teleexpertise.availability import Leave, Opening
from teleexpertise.availability.calendars.feed import Deadline, compose_feed

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MONDAY = Opening(NOW + timedelta(days=3), NOW + timedelta(days=3, hours=3))
LEAVE = Leave(date(2026, 12, 21), date(2026, 12, 23))
DUE = Deadline("TE26000001", NOW + timedelta(days=4), "https://miss.example/teleexpertise/demandes/TE26000001")


def events_of(feed: bytes) -> list[Any]:
    """What other software reads."""
    return list(Calendar.from_ical(feed).walk("VEVENT"))


def test_slots_leave_and_deadlines_are_read_back() -> None:
    feed = compose_feed([MONDAY], [LEAVE], [DUE], domain="miss.example", now=NOW)
    slot, leave, due = events_of(feed)
    assert (slot["DTSTART"].dt, slot["DTEND"].dt) == (MONDAY.start, MONDAY.end)
    assert (leave["DTSTART"].dt, leave["DTEND"].dt) == (date(2026, 12, 21), date(2026, 12, 24)), "the end is excluded"
    assert due["DTSTART"].dt == DUE.at
    assert str(due["SUMMARY"]) == "Avis à rendre : TE26000001"
    assert str(due["URL"]) == DUE.url
    assert {str(event["TRANSP"]) for event in (slot, leave, due)} == {"TRANSPARENT"}, "it must not close its own slots"


def test_the_same_facts_have_the_same_identifiers() -> None:
    def identifiers(now: datetime) -> list[str]:
        feed = compose_feed([MONDAY], [LEAVE], [DUE], domain="miss.example", now=now)
        return [str(event["UID"]) for event in events_of(feed)]

    assert identifiers(NOW) == identifiers(NOW + timedelta(hours=1))
    assert len(set(identifiers(NOW))) == 3


def test_a_feed_without_anything_is_a_calendar() -> None:
    feed = compose_feed([], [], [], domain="miss.example", now=NOW)
    assert events_of(feed) == []
    assert feed.startswith(b"BEGIN:VCALENDAR\r\n")
