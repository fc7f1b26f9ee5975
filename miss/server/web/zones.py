"""On whose clock pages show and read times: the reader's, as their browser says it in a cookie.

A practitioner in La Réunion who asks Lille types the time of a tracing as their own clock shows it, and reads there
when the answer is due.  Without script, or with a zone that nobody knows, it is Paris.
"""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import get_timezone_location
from starlette.requests import Request

from miss.base.text import Language

PAGE_ZONE: Final = ZoneInfo("Europe/Paris")
"""The zone of the platform."""
COOKIE: Final = "zone"
FIELD: Final = "zone"
"""The hidden field of a form: in which zone its times were shown, hence how they are to be read."""


def zone_of(request: Request) -> ZoneInfo:
    """The reader's zone."""
    return zone_named(request.cookies.get(COOKIE, ""))


def zone_named(name: str) -> ZoneInfo:
    """The zone of that IANA name; the platform's for any other word."""
    return ZoneInfo(name) if name in available_timezones() else PAGE_ZONE


def place_of(zone: ZoneInfo, language: Language) -> str:
    """How people call the zone: « Paris », « La Réunion »."""
    return get_timezone_location(zone.key, locale=language.value, return_city=True)


def place_beside(instant: datetime, zone: ZoneInfo, language: Language) -> str:
    """`place_of` in brackets where the clocks of `zone` and of the platform differ at that instant; else nothing."""
    differs = instant.astimezone(zone).utcoffset() != instant.astimezone(PAGE_ZONE).utcoffset()
    return f" ({place_of(zone, language)})" if differs else ""
