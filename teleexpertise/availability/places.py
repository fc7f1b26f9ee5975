"""On whose clocks an appointment is told: those of both establishments, each named.  Pure.

La Réunion asks Lille: an hour without its place is two hours wrong in summer, three in winter.  The place is that of
the practice in the register, not that of a browser, which may be on a journey.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_timezone_location

from miss.base.text import Language, Text
from miss.directory.practitioners import Practitioner

METROPOLE: Final = ZoneInfo("Europe/Paris")
ZONES: Final[Mapping[str, ZoneInfo]] = {
    "971": ZoneInfo("America/Guadeloupe"),
    "972": ZoneInfo("America/Martinique"),
    "973": ZoneInfo("America/Cayenne"),
    "974": ZoneInfo("Indian/Reunion"),
    "975": ZoneInfo("America/Miquelon"),
    "976": ZoneInfo("Indian/Mayotte"),
    "977": ZoneInfo("America/St_Barthelemy"),
    "978": ZoneInfo("America/Marigot"),
    "986": ZoneInfo("Pacific/Wallis"),
    "987": ZoneInfo("Pacific/Tahiti"),
    "988": ZoneInfo("Pacific/Noumea"),
}
"""By the department, or what stands in its place overseas, of the code that INSEE gives."""
_MOMENT: Final = Text(fr="{day} à {hour} ({place})", en="{day} at {hour} ({place})")


def zone_of(practitioner: Practitioner) -> ZoneInfo:
    """Where they practise, as the register says first; Paris where it says nothing."""
    return next((ZONES.get(department, METROPOLE) for department in practitioner.departments), METROPOLE)


def place_of(zone: ZoneInfo, language: Language) -> str:
    """How people call it: « Paris », « La Réunion »."""
    return str(get_timezone_location(zone.key, locale=language.value, return_city=True))


@dataclass(frozen=True, slots=True)
class Clocks:
    """The reader's side, then the other one."""

    own: ZoneInfo
    other: ZoneInfo

    @property
    def turned(self) -> "Clocks":
        """For the other side's eyes."""
        return Clocks(self.other, self.own)

    def moment(self, instant: datetime, language: Language = Language.FR) -> str:
        """« vendredi 27 novembre 2026 à 14:00 (La Réunion), 11:00 (Paris) »; once where both clocks say the same."""
        here, there = instant.astimezone(self.own), instant.astimezone(self.other)
        told = _MOMENT.in_(language, day=_day(here, language), hour=f"{here:%H:%M}", place=place_of(self.own, language))
        if here.utcoffset() == there.utcoffset():
            return told
        place = place_of(self.other, language)
        if here.date() == there.date():
            return f"{told}, {there:%H:%M} ({place})"
        return f"{told}, {_MOMENT.in_(language, day=_day(there, language), hour=f'{there:%H:%M}', place=place)}"


def _day(local: datetime, language: Language) -> str:
    return str(format_date(local, "EEEE d MMMM y", locale=language.value))
