"""Practitioners and organisations in the terms of Annuaire Santé: who is there, what the platform says of them."""

from miss.directory.practitioners.errors import PractitionerNotFound
from miss.directory.practitioners.model import (
    AcceptedFormat,
    Coding,
    DirectoryEntry,
    Organization,
    Practitioner,
    PractitionerRole,
    Qualification,
)
from miss.directory.practitioners.probes import ANSWERING, ASKING, is_probe_id
from miss.directory.practitioners.service import Found, Practitioners, RedListed, SearchPage
from miss.directory.register.errors import ExtractionUnreadable, RegisterShrinks
from miss.directory.register.model import ImportReport
from miss.directory.register.remarks import LineRemark
from miss.directory.search.model import Match, SearchQuery

__all__ = [
    "ANSWERING",
    "ASKING",
    "AcceptedFormat",
    "Coding",
    "DirectoryEntry",
    "ExtractionUnreadable",
    "Found",
    "ImportReport",
    "LineRemark",
    "Match",
    "Organization",
    "Practitioner",
    "PractitionerNotFound",
    "PractitionerRole",
    "Practitioners",
    "Qualification",
    "RedListed",
    "RegisterShrinks",
    "SearchPage",
    "SearchQuery",
    "is_probe_id",
]
