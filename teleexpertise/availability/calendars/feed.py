"""One's own calendar for one's own software: open slots, leave, and deadlines by number only (RFC 5545).

Slots and leave do not take time there; a deadline is an instant.  Nothing says who asked what: such a calendar lies on
telephones and on the servers of others.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event

from teleexpertise.availability.model import Leave, Opening

PRODUCT = "-//MiSS//Disponibilites//FR"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A request in hand."""

    number: str
    at: datetime
    url: str
    """Its page, behind the sign-in."""


def compose_feed(
    openings: Iterable[Opening], leaves: Iterable[Leave], deadlines: Iterable[Deadline], *, domain: str, now: datetime
) -> bytes:
    """The calendar as text/calendar; the same facts make the same identifiers, so that software updates in place."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "MiSS – mes disponibilités")
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for opening in openings:
        uid = f"slot-{opening.start:%Y%m%dT%H%M%SZ}"
        calendar.add_component(_event("Disponible pour un avis", uid, opening.start, opening.end, domain, now))
    for leave in leaves:
        uid, after = f"leave-{leave.first_day:%Y%m%d}-{leave.last_day:%Y%m%d}", leave.last_day + timedelta(days=1)
        calendar.add_component(_event("Absent (MiSS)", uid, leave.first_day, after, domain, now))
    for deadline in deadlines:
        at = deadline.at.astimezone(UTC)
        event = _event(f"Avis à rendre : {deadline.number}", f"due-{deadline.number}", at, at, domain, now)
        event.add("url", deadline.url)
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text


def _event(summary: str, uid: str, start: date, end: date, domain: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{uid}@{domain}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("summary", summary)
    event.add("dtstart", start)
    if end != start:  # DTEND must be later (RFC 5545 §3.8.2.2)
        event.add("dtend", end)
    event.add("transp", "TRANSPARENT")
    return event
