"""How an address is made of a name, a profession and a department.  Pure.

The shape is that of the service whose users MiSS welcomes: `prenom.nom@medical59.…`, 59 being the department, and
`medical` alone where none is known.  A local part is a dot-atom of a–z and hyphens (RFC 5321 §4.1.2), 64 octets at
most (§4.5.3.1.1); homonyms in one domain are told apart by a number, which no name ends with, so that two different
pairs of name and number never make the same address.

It does not say where mail for an address goes: that is the operator's mail server (docs/operations.md).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from types import MappingProxyType
from typing import Final

from miss.base.ids import PractitionerId
from miss.directory.search.words import fold

LOCAL_CHARS: Final = 64
STEM_CHARS: Final = LOCAL_CHARS - 6
"""What a name may take: a number of six digits has to fit behind it."""
NAMELESS: Final = "ps"
"""Stands for a name that has no letter from a to z, « professionnel de santé »: a local part always has two words,
so that none is `postmaster` or another name that RFC 2142 keeps for a domain's own use."""

_FURTHER_LETTERS = str.maketrans({"đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t"})
"""Letters that Unicode does not take apart; `fold` knows those of French."""
_NOT_LETTERS = re.compile(r"[^a-z]")
_DEPARTMENT = re.compile(r"[0-9][0-9ab][0-9]?", re.IGNORECASE)

BIOLOGY: Final = "SM03"
"""TRE_R38, biologie médicale: a laboratory's people, whatever their profession."""
LABORATORY: Final = "labo"
OTHERS: Final = "sante"
BRANCHES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "10": "medical",
        "21": "pharma",
        "26": "audio",
        "28": "optique",
        "40": "dentaire",
        "50": "sagefemme",
        "60": "ide",
        "69": "ide",
        "70": "kine",
        "80": "podologie",
        "86": LABORATORY,
        "91": "orthophonie",
        "92": "orthoptie",
        "93": "psychologie",
        "94": "ergo",
        "95": "dietetique",
        "96": "psychomot",
        "98": "imagerie",
    }
)
"""First word of the domain, by profession (TRE_G15); any other one is `OTHERS`: secretaries with an RPPS+ number,
social workers, care assistants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address of one person, for ever theirs."""

    practitioner_id: PractitionerId
    stem: str
    """`anne.modele`: letters and hyphens, one dot."""
    number: int
    """1 for the first of that name in the domain, whose address shows no number."""
    domain: str
    given_at: datetime
    replaced_at: datetime | None = None
    """When another one took its place: an alias since; None: the one to write to."""

    @property
    def is_current(self) -> bool:
        return self.replaced_at is None

    @property
    def local(self) -> str:
        return self.stem if self.number == 1 else f"{self.stem}{self.number}"

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def normalise_name(name: str) -> str:
    """A name as addresses write it: `Jean-Noël` → `jean-noel`, `DE LA TOUR` → `de-la-tour`, `D'HŒUR` → `d-hoeur`.

    Letters a to z, one hyphen between words; empty if nothing of it can be written so.
    """
    words = fold(name).translate(_FURTHER_LETTERS).split()
    return "-".join(filter(None, (_NOT_LETTERS.sub("", word) for word in words)))


def compose_stem(given: str, family: str) -> str:
    """`given.family`, `STEM_CHARS` at most: of what is too long, the family name keeps the larger half."""
    first, last = normalise_name(given) or NAMELESS, normalise_name(family) or NAMELESS
    room = STEM_CHARS - len(".")
    if len(first) + len(last) > room:
        first = _cut(first, max(room // 2, room - len(last)))
        last = _cut(last, room - len(first))
    return f"{first}.{last}"


def compose_domain(base: str, profession: str, specialties: Collection[str] = (), department: str = "") -> str:
    """`medical59.<base>`: codes as in the register; a department that is unknown or malformed is left out."""
    branch = LABORATORY if BIOLOGY in specialties else BRANCHES.get(profession, OTHERS)
    place = department.lower() if _DEPARTMENT.fullmatch(department) else ""
    return f"{branch}{place}.{base}"


def first_free(taken: Collection[int]) -> int:
    """The lowest number that nobody has or had."""
    return next(number for number in count(1) if number not in taken)


def _cut(name: str, length: int) -> str:
    return name[:length].rstrip("-")
