"""The week as a form sends it and shows it: rows of hours per day, a zone, the public holidays that are kept.

Text in, slots out; the list of rows is the form, and the grid that a script draws over it only writes its rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from functools import cache
from zoneinfo import available_timezones

from miss.base.text import Language, Text
from teleexpertise.availability import WEEKDAYS, Availability, DayException, Slot, Territory, WeeklySlot
from teleexpertise.web.errors import DayUnreadable, TimeUnreadable
from teleexpertise.web.submitted import Submitted

WORKING_DAYS = range(5)
EXCEPTION_ROWS = 3
"""Hours that one unusual day may have on the page."""

TERRITORIES: Mapping[Territory, Text] = {
    Territory.METROPOLE: Text(fr="France métropolitaine", en="Mainland France"),
    Territory.ALSACE_MOSELLE: Text(fr="Alsace-Moselle", en="Alsace-Moselle"),
    Territory.GUADELOUPE: Text(fr="Guadeloupe", en="Guadeloupe"),
    Territory.MARTINIQUE: Text(fr="Martinique", en="Martinique"),
    Territory.GUYANE: Text(fr="Guyane", en="French Guiana"),
    Territory.LA_REUNION: Text(fr="La Réunion", en="Réunion"),
    Territory.MAYOTTE: Text(fr="Mayotte", en="Mayotte"),
    Territory.SAINT_BARTHELEMY: Text(fr="Saint-Barthélemy", en="Saint Barthélemy"),
    Territory.SAINT_MARTIN: Text(fr="Saint-Martin", en="Saint Martin"),
    Territory.SAINT_PIERRE_ET_MIQUELON: Text(fr="Saint-Pierre-et-Miquelon", en="Saint Pierre and Miquelon"),
    Territory.NOUVELLE_CALEDONIE: Text(fr="Nouvelle-Calédonie", en="New Caledonia"),
    Territory.POLYNESIE: Text(fr="Polynésie française", en="French Polynesia"),
    Territory.WALLIS_ET_FUTUNA: Text(fr="Wallis-et-Futuna", en="Wallis and Futuna"),
}
FRENCH_ZONES: Mapping[str, Text] = {
    "Europe/Paris": Text(fr="France métropolitaine", en="Mainland France"),
    "America/Guadeloupe": Text(fr="Guadeloupe", en="Guadeloupe"),
    "America/Martinique": Text(fr="Martinique", en="Martinique"),
    "America/Cayenne": Text(fr="Guyane", en="French Guiana"),
    "Indian/Reunion": Text(fr="La Réunion", en="Réunion"),
    "Indian/Mayotte": Text(fr="Mayotte", en="Mayotte"),
    "America/Miquelon": Text(fr="Saint-Pierre-et-Miquelon", en="Saint Pierre and Miquelon"),
    "Pacific/Noumea": Text(fr="Nouvelle-Calédonie", en="New Caledonia"),
    "Pacific/Tahiti": Text(fr="Polynésie française", en="French Polynesia"),
    "Pacific/Wallis": Text(fr="Wallis-et-Futuna", en="Wallis and Futuna"),
}


@dataclass(frozen=True, slots=True)
class WeekFields:
    """What the form shows: rows of (from, until) per day, as text."""

    rows: tuple[tuple[tuple[str, str], ...], ...]
    zone: str
    territory: str
    """A `Territory`, or empty: public holidays are worked."""

    def slots(self) -> tuple[WeeklySlot, ...]:
        """Raises TimeUnreadable, BadSlot, UnknownZone."""
        return tuple(
            WeeklySlot(weekday, _time(start), _time(end), self.zone)
            for weekday, rows in enumerate(self.rows)
            for start, end in rows
        )

    def holidays(self) -> Territory | None:
        """Whose public holidays are kept."""
        return Territory(self.territory) if self.territory in {*Territory} else None

    def copied(self, source: int, targets: Sequence[int]) -> "WeekFields":
        """The hours of one day on others too."""
        return replace(
            self, rows=tuple(self.rows[source] if day in targets else rows for day, rows in enumerate(self.rows))
        )


def week_fields(availability: Availability, zone: str) -> WeekFields:
    """What was declared, in the order of the clock; `zone`: of a week that is not drawn yet."""
    rows = tuple(
        tuple(
            (slot.start.strftime("%H:%M"), slot.end.strftime("%H:%M"))
            for slot in sorted(availability.weekly, key=lambda slot: slot.start)
            if slot.weekday == day
        )
        for day in range(len(WEEKDAYS))
    )
    zones = [slot.zone for slot in availability.weekly]
    return WeekFields(rows, next(iter(zones), zone), availability.territory or "")


def read_week(submitted: Submitted) -> WeekFields:
    """What was typed; rows that are blank, or ticked to be removed, are left out."""
    rows = tuple(_rows(submitted, str(day)) for day in range(len(WEEKDAYS)))
    fields = WeekFields(rows, submitted.first("zone"), submitted.first("territory"))
    if submitted.first("action") == "copy" and submitted.first("copy_from") in {*map(str, range(len(WEEKDAYS)))}:
        every_day = submitted.first("copy_to") == "all"
        return fields.copied(int(submitted.first("copy_from")), range(len(WEEKDAYS)) if every_day else WORKING_DAYS)
    return fields


def read_exception(submitted: Submitted, zone: str) -> DayException:
    """An unusual day: its hours, or none.  Raises DayUnreadable, TimeUnreadable, BadSlot, UnknownZone."""
    rows = _rows(submitted, "exception") if submitted.first("open") == "yes" else ()
    slots = tuple(Slot(_time(start), _time(end), zone) for start, end in rows)
    if submitted.first("open") == "yes" and not slots:
        raise TimeUnreadable(typed="")
    return DayException(read_day(submitted.first("day")), slots)


def read_day(typed: str) -> date:
    """A day as `<input type="date">` sends it.  Raises DayUnreadable."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise DayUnreadable(typed=typed[:20]) from None


def clock_time(at: time, language: Language) -> str:
    """`9 h 30`; `09:30` in English."""
    if language is Language.EN:
        return f"{at:%H:%M}"
    return f"{at.hour} h {at.minute:02}" if at.minute else f"{at.hour} h"


@cache
def other_zones() -> tuple[str, ...]:
    """The IANA names beside those of France, by name."""
    # Names without a continent are aliases and offsets: nobody lives there.
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


def _rows(submitted: Submitted, day: str) -> tuple[tuple[str, str], ...]:
    starts, ends = (submitted.fields.get(f"{name}-{day}", ()) for name in ("start", "end"))
    removed = set(submitted.fields.get(f"remove-{day}", ()))
    pairs = enumerate(zip(starts, ends, strict=False))
    return tuple((start, end) for number, (start, end) in pairs if (start or end) and str(number) not in removed)


def _time(typed: str) -> time:
    try:
        return time.fromisoformat(typed).replace(second=0, microsecond=0)
    except ValueError:
        raise TimeUnreadable(typed=typed[:20]) from None
