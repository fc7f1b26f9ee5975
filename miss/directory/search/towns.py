"""Where French towns lie, to say how far somebody practises.  Pure, apart from reading its own table.

The table has towns of 500 inhabitants or more by name and region (scripts/towns.py wrote it from GeoNames, CC BY 4.0):
a smaller commune has no position and is not found by distance.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import Final

from miss.directory.search.words import fold

Position = tuple[float, float]
"""Latitude and longitude, in degrees."""

EARTH_RADIUS_KM = 6_371.0
_DISTRICT: Final = re.compile(r" (?:\d+(?:e|er|eme)?|arrondissement|cedex)\b")
"""`paris 13e arrondissement` lies where Paris does, at this scale."""

_REGIONS = {
    "84": "01 03 07 15 26 38 42 43 63 69 73 74",
    "27": "21 25 39 58 70 71 89 90",
    "53": "22 29 35 56",
    "24": "18 28 36 37 41 45",
    "94": "2A 2B 20",
    "44": "08 10 51 52 54 55 57 67 68 88",
    "32": "02 59 60 62 80",
    "11": "75 77 78 91 92 93 94 95",
    "28": "14 27 50 61 76",
    "75": "16 17 19 23 24 33 40 47 64 79 86 87",
    "76": "09 11 12 30 31 32 34 46 48 65 66 81 82",
    "52": "44 49 53 72 85",
    "93": "04 05 06 13 83 84",
    "01": "971",
    "02": "972",
    "03": "973",
    "04": "974",
    "06": "976",
    "975": "975",
    "977": "977",
    "978": "978",
}
"""INSEE's regions since 2016, and their departments."""
_REGION_OF = {department: region for region, departments in _REGIONS.items() for department in departments.split()}


def department_of(place: str) -> str:
    """The department of a commune's INSEE code or postcode: `59` of `59350`, `974` of `97411`, `2A` of `2A004`."""
    place = place.partition("~")[0]
    return place[:3] if place.startswith(("97", "98")) else place[:2]


def region_of(department: str) -> str:
    """INSEE's code of the region, or collectivity, that a department lies in; empty if none does."""
    return _REGION_OF.get(department.upper(), "")


def departments_of(region: str) -> tuple[str, ...]:
    """The departments of a region by INSEE's code; none if there is no such region."""
    return tuple(_REGIONS.get(region, "").split())


@cache
def _positions() -> Mapping[tuple[str, str], Position]:
    """By region and folded name; read once by a process."""
    found: dict[tuple[str, str], Position] = {}
    text = files("miss.directory.search").joinpath("towns.tsv").read_text("utf-8")
    for line in text.splitlines()[1:]:
        region, latitude, longitude, name = line.split("\t")
        # The most populous first: it keeps a name that another town of its region shares.
        found.setdefault((region, name), (float(latitude), float(longitude)))
    return found


class Towns:
    """The table, read at its first use."""

    def find(self, name: str, place: str) -> Position | None:
        """Where the town of that name lies; `place`: INSEE code of its commune, or of its department."""
        region = _REGION_OF.get(department_of(place), "")
        folded, positions = fold(name), _positions()
        return positions.get((region, folded)) or positions.get((region, _DISTRICT.sub("", folded)))


def distance_km(one: Position, other: Position) -> float:
    """As the crow flies (haversine formula)."""
    north, east = radians(other[0] - one[0]), radians(other[1] - one[1])
    half = sin(north / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(half))
