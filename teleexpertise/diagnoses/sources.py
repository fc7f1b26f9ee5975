"""Where the codes come from: name, edition, date, whose they are.  Pure.

The list that comes with MiSS was written for the specialties that are asked for, then compared label by label with the
CIM-10 FR à usage PMSI of 2024: every code is in it and in use; where our label says it in other words, the official one
stands in the third column of `short_list.tsv`, is searched too, and travels.  Compared through the copy of the ATIH's
table in the package refpmsi 1.0.0 (D. Gustin, data of 23 May 2024), as the ATIH's site cannot be reached from where
MiSS is written.

Terms: the ICD-10 is © World Health Organization, its French edition for the PMSI the ATIH's.  The WHO lets its codes be
used without asking where that is not commercial and the source is named, and unaltered; who sells a product with them
asks first.  The whole table is therefore the operator's to load (ADR 39).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class Edition:
    """A table, and since when it serves."""

    name: str
    codes: int
    at: datetime
    """When it was loaded."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the codes that come with MiSS were compared with."""

    name: str
    publisher: str
    rights: str
    compared_on: date


SHORT_LIST_SOURCE: Final = Source("CIM-10 FR 2024 à usage PMSI", "ATIH", "© OMS", date(2026, 11, 22))
