"""Absences: from when to when somebody is away, what they say of it, and the colleague they name meanwhile."""

from miss.directory.absence.errors import (
    AbsenceMessageTooLong,
    AbsenceNotFound,
    AbsenceOverlaps,
    AbsencePast,
    AbsencesFull,
    AbsenceTooLong,
    AbsenceUpsideDown,
    ColleagueUnknown,
)
from miss.directory.absence.model import Absence
from miss.directory.absence.service import Absences

__all__ = [
    "Absence",
    "AbsenceMessageTooLong",
    "AbsenceNotFound",
    "AbsenceOverlaps",
    "AbsencePast",
    "AbsenceTooLong",
    "AbsenceUpsideDown",
    "Absences",
    "AbsencesFull",
    "ColleagueUnknown",
]
