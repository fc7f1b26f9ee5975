"""Practitioners and organisations in the terms of Annuaire Santé, filled from the national open extractions."""

from miss.directory.practitioners.errors import ExtractionUnreadable, PractitionerNotFound
from miss.directory.practitioners.extraction import LineRemark
from miss.directory.practitioners.model import (
    Coding,
    ImportReport,
    Organization,
    Practitioner,
    PractitionerRole,
)
from miss.directory.practitioners.service import Practitioners

__all__ = [
    "Coding",
    "ExtractionUnreadable",
    "ImportReport",
    "LineRemark",
    "Organization",
    "Practitioner",
    "PractitionerNotFound",
    "PractitionerRole",
    "Practitioners",
]
