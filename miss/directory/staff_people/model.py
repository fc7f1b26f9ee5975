"""Somebody without an RPPS number, and how they are numbered.  Pure.

Source: PS_IdNat of the Annuaire Santé, as the PDSM guide of the ANS lists its types: `3` and `6` name who employs the
person, a slash, and a number that the employer gives.  The number is given here, never read from a form.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from miss.base.ids import AccountId, PractitionerId
from miss.documents.identities import RPPS_PREFIX, NumberVerdict, check_finess, check_rpps

FINESS_TYPE, PRACTICE_TYPE = "3", "6"
"""`3` + FINESS of the establishment; `6` + the RPPS number of the practice, which is its practitioner's (ADR 41)."""
RANK_DIGITS = 4
MAX_RANK = 10**RANK_DIGITS - 1

_STAFF_ID = re.compile(r"(3(?:[0-9]{2}|2[AB])[0-9]{7}|6[0-9]{11})/([0-9]{4})")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who employs somebody, as the first part of their identifier says it: a type and a number."""

    code: str

    @classmethod
    def establishment(cls, finess: str) -> "Issuer":
        """Raises ValueError for what is no FINESS number."""
        if check_finess(finess) not in {NumberVerdict.OK, NumberVerdict.KEY_UNCHECKED}:
            raise ValueError("no FINESS number")
        return cls(FINESS_TYPE + finess)

    @classmethod
    def practice(cls, practitioner_id: PractitionerId) -> "Issuer":
        """The practice of somebody with an RPPS number.  Raises ValueError for anybody else."""
        rpps = practitioner_id.removeprefix(RPPS_PREFIX)
        if not practitioner_id.startswith(RPPS_PREFIX) or check_rpps(rpps) is NumberVerdict.MALFORMED:
            raise ValueError("no RPPS number")
        return cls(PRACTICE_TYPE + rpps)


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPerson:
    """One person, as a technician verified them."""

    id: PractitionerId
    """PS_IdNat of type 3 or 6."""
    family: str
    given: str
    function: str
    """In the words of who invited them: « secrétaire médicale »."""
    employer: str
    """Name of the practice or establishment, for their own pages and for technicians."""
    email: str
    """For notices, lower case: no secure mailbox; nobody else's among staff people."""
    invited_by: AccountId
    """Who first vouched for them."""
    since: datetime

    @property
    def display_name(self) -> str:
        """`Odile BUVARD`."""
        return f"{self.given} {self.family.upper()}"


def compose_staff_id(issuer: Issuer, rank: int) -> PractitionerId:
    """`3590000014/0001`.  Raises ValueError beyond `MAX_RANK`."""
    if not 0 < rank <= MAX_RANK:
        raise ValueError("no such internal number")
    return PractitionerId(f"{issuer.code}/{rank:0{RANK_DIGITS}}")


def is_staff_id(practitioner_id: str) -> bool:
    """True for somebody whom the register does not know: theirs are the only identifiers with a slash."""
    return "/" in practitioner_id


def finess_of(practitioner_id: str) -> str:
    """Of the establishment that numbered somebody; empty: a practice did, or the register."""
    found = _STAFF_ID.fullmatch(practitioner_id)
    return found[1].removeprefix(FINESS_TYPE) if found and found[1].startswith(FINESS_TYPE) else ""


def parse_staff_id(text: str) -> PractitionerId | None:
    """The identifier that somebody typed, in whatever case and spacing; None for what is none."""
    found = _STAFF_ID.fullmatch("".join(text.split()).upper())
    return PractitionerId(found[0]) if found else None
