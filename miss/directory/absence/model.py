"""One absence, and what makes it acceptable.  Pure.

Days are local days of the person; both ends are included.  A colleague is named, nothing is redirected: mail goes
where it is sent, and redirecting it needs two people's word (`miss.directory.retirement`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from miss.base.ids import AccountId, PractitionerId
from miss.directory.absence.errors import (
    AbsenceMessageTooLong,
    AbsenceOverlaps,
    AbsencePast,
    AbsencesFull,
    AbsenceTooLong,
    AbsenceUpsideDown,
)

MAX_DAYS: Final = 366
MAX_MESSAGE: Final = 500
MAX_ABSENCES: Final = 20
"""To come, of one person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Whole local days away."""

    id: str
    uid: AccountId
    practitioner_id: PractitionerId
    first_day: date
    last_day: date
    message: str
    """What whoever looks the person up reads; may be empty."""
    colleague: PractitionerId | None
    """Whom to turn to meanwhile."""

    def covers(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day

    def overlaps(self, other: "Absence") -> bool:
        return self.first_day <= other.last_day and other.first_day <= self.last_day


def require_sane(absence: Absence, others: Iterable[Absence], today: date) -> None:
    """Whether somebody may add `absence` to `others`, those of theirs that are not over.

    Raises AbsenceUpsideDown, AbsencePast, AbsenceTooLong, AbsenceMessageTooLong, AbsencesFull, AbsenceOverlaps.
    """
    if absence.last_day < absence.first_day:
        raise AbsenceUpsideDown
    if absence.last_day < today:
        raise AbsencePast
    if absence.last_day - absence.first_day >= timedelta(days=MAX_DAYS):
        raise AbsenceTooLong(days=MAX_DAYS)
    if len(absence.message) > MAX_MESSAGE:
        raise AbsenceMessageTooLong(limit=MAX_MESSAGE)
    known = list(others)
    if len(known) >= MAX_ABSENCES:
        raise AbsencesFull(limit=MAX_ABSENCES)
    if any(absence.overlaps(other) for other in known):
        raise AbsenceOverlaps
