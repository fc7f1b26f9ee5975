"""Public holidays of France by territory, Easter-based ones included.

The dates are those of the `holidays` library; this module only names the territories.  It refuses to know better:
a pool that works on one of these days, or closes on another, says so with an exception, which goes before holidays.
"""

from datetime import date
from enum import StrEnum
from functools import cache

from holidays import country_holidays


class Territory(StrEnum):
    """Where the public holidays somebody keeps are set (ISO 3166-2 codes)."""

    METROPOLE = "FR"
    ALSACE_MOSELLE = "FR-57"
    GUADELOUPE = "FR-971"
    MARTINIQUE = "FR-972"
    GUYANE = "FR-973"
    LA_REUNION = "FR-974"
    MAYOTTE = "FR-976"
    SAINT_BARTHELEMY = "FR-BL"
    SAINT_MARTIN = "FR-MF"
    NOUVELLE_CALEDONIE = "FR-NC"
    POLYNESIE = "FR-PF"
    SAINT_PIERRE_ET_MIQUELON = "FR-PM"
    WALLIS_ET_FUTUNA = "FR-WF"


@cache
def public_holidays(territory: Territory, year: int) -> frozenset[date]:
    """The days off of one calendar year in that territory."""
    subdivision = territory.removeprefix("FR").removeprefix("-") or None
    return frozenset(country_holidays("FR", subdiv=subdivision, years=year, expand=False))
