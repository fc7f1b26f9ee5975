"""HPRIM Médecin: the text letter that French practice software has read since 1997.

Twelve header lines, a blank one, free text, two end tags.  There is no official validator: the profile written here
is the one that five independent readers accept, and the reading is as tolerant as they are together.  Laboratory blocks
are read, never written; the hospital interfaces that bear the same name (HPRIM Santé 2.x, H' XML) are out of scope.
"""

from miss.documents.hprim.compose import body_lines, compose_hprim, header_lines
from miss.documents.hprim.laboratory import parse_laboratory
from miss.documents.hprim.model import (
    Flag,
    Guess,
    GuessKind,
    HprimMessage,
    LabEntry,
    LabResult,
    LabText,
    Measure,
    ResultStatus,
    ValueKind,
)
from miss.documents.hprim.parse import parse_hprim, parse_hprim_file, parse_hprim_records, parse_hprim_text

__all__ = [
    "Flag",
    "Guess",
    "GuessKind",
    "HprimMessage",
    "LabEntry",
    "LabResult",
    "LabText",
    "Measure",
    "ResultStatus",
    "ValueKind",
    "body_lines",
    "compose_hprim",
    "header_lines",
    "parse_hprim",
    "parse_hprim_file",
    "parse_hprim_records",
    "parse_hprim_text",
    "parse_laboratory",
]
